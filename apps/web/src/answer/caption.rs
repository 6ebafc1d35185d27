//! What a picture of an answer says of itself, in headers and in the file.

use actix_web::http::header::HeaderName;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::inference::Found;

/// What a header does not hold as it is; what is not ASCII never is.
const ENCODED: &AsciiSet = &CONTROLS.add(b'%');

/// One thing that is said.
#[derive(Debug)]
struct Line {
    header: &'static str,
    /// Keyword of the text chunk; those in one word are of the standard.
    keyword: &'static str,
    text: String,
}

/// The answer in words: a picture is passed on without the page or the JSON around it.
#[derive(Debug)]
pub(crate) struct Caption(Vec<Line>);

impl Caption {
    pub(crate) fn of(found: &Found) -> Self {
        let (model, segmentation) = (&found.model, &found.segmentation);
        let (version, checksum) = (model.version(), &model.manifest().sha256);
        let model_name = format!("{} {version} sha256:{checksum}", model.name);
        let line = |header, keyword, text| Line {
            header,
            keyword,
            text,
        };
        let state = segmentation.presence_state.name().to_owned();
        let presence = format!("{:.4}", segmentation.presence);
        let intended_use = model.manifest().intended_use.clone();
        let mut lines = vec![
            line("x-nerveseg-state", "nerveseg state", state),
            line("x-nerveseg-presence", "nerveseg presence", presence),
            line("x-nerveseg-model", "nerveseg model", model_name),
            line("x-nerveseg-intended-use", "Disclaimer", intended_use),
        ];
        if let Some(objection) = segmentation.objection.clone() {
            lines.push(line("x-nerveseg-objection", "Warning", objection));
        }
        Self(lines)
    }

    /// As headers: ASCII, the rest percent-encoded.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (HeaderName, String)> {
        self.0.iter().map(|line| {
            let text = utf8_percent_encode(&line.text, ENCODED).to_string();
            (HeaderName::from_static(line.header), text)
        })
    }

    /// As text chunks of a PNG: keyword and text.
    pub(super) fn chunks(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|line| (line.keyword, line.text.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_ascii_whatever_a_model_is_called() {
        let caption = Caption(vec![Line {
            header: "x-nerveseg-model",
            keyword: "nerveseg model",
            text: "Ärm 100 %\r\n".to_owned(),
        }]);

        let (name, text) = caption.headers().next().unwrap();

        assert_eq!(name, "x-nerveseg-model");
        assert_eq!(text, "%C3%84rm 100 %25%0D%0A");
    }
}
