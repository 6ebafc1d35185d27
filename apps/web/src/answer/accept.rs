//! Which form of an answer the client accepts (RFC 9110, section 12.5.1).

use std::cmp::Reverse;

use actix_web::HttpMessage;
use actix_web::http::header::{Accept, Header as _, Quality};

use crate::error::WebError;

/// Forms that an answer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Fields.
    Json,
    /// A picture.
    Png,
}

impl Form {
    /// The form that the client likes best, and of equals the one that it names first. Who names
    /// neither gets JSON.
    ///
    /// # Errors
    ///
    /// The client refuses what is left.
    pub(crate) fn preferred(request: &impl HttpMessage) -> Result<Self, WebError> {
        let [json, png] = ["application/json", "image/png"].map(|it| liking(request, it));
        let none = Quality::ZERO;
        match (json, png) {
            (json, Some(png)) if png.0 > none && json.is_none_or(|json| png > json) => {
                Ok(Self::Png)
            }
            // it goes to those who ask for something else as well, unless they say that it may not
            (Some((Quality::ZERO, _)), _) => Err(WebError::NotAcceptable),
            _ => Ok(Self::Json),
        }
    }
}

/// Whether HTML is asked for by name: what accepts everything is a program.
pub(super) fn names_html(request: &impl HttpMessage) -> bool {
    let html = |range: &str| range == "text/html";
    ranges(request).any(|(range, quality)| html(&range) && quality > Quality::ZERO)
}

/// How much the client likes a media type, and how early it says so; `None` if it does not say.
fn liking(request: &impl HttpMessage, media_type: &str) -> Option<(Quality, Reverse<usize>)> {
    let (kind, _) = media_type.split_once('/')?;
    // the closest range decides: `image/png;q=0, image/*` takes every picture but a PNG
    [media_type, &format!("{kind}/*"), "*/*"]
        .iter()
        .find_map(|name| {
            let mut places = ranges(request).enumerate();
            let (place, (_, quality)) = places.find(|(_, (range, _))| range == name)?;
            Some((quality, Reverse(place)))
        })
}

/// What a request accepts; a header that is none says nothing.
fn ranges(request: &impl HttpMessage) -> impl Iterator<Item = (String, Quality)> {
    let accept = Accept::parse(request).ok().map(|it| it.0);
    let accept = accept.into_iter().flatten();
    accept.map(|range| (range.item.essence_str().to_owned(), range.quality))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn the_form_follows_rfc_9110() {
        for (accept, expected) in [
            ("", Some(Form::Json)),
            ("*/*", Some(Form::Json)),
            ("text/html", Some(Form::Json)),
            ("image/png", Some(Form::Png)),
            ("IMAGE/PNG", Some(Form::Png)),
            ("image/*", Some(Form::Png)),
            ("image/png, */*", Some(Form::Png)),
            ("*/*, image/png", Some(Form::Json)),
            ("image/png, application/json", Some(Form::Png)),
            ("application/json, image/png", Some(Form::Json)),
            ("image/png;q=0.1, application/json", Some(Form::Json)),
            ("application/json;q=0.5, image/*", Some(Form::Png)),
            ("image/png;q=0", Some(Form::Json)),
            ("image/png;q=0.000, image/*", Some(Form::Json)),
            ("image/*;q=0, image/png", Some(Form::Png)),
            ("image/*;q=0, */*", Some(Form::Json)),
            ("application/json;q=0, image/png", Some(Form::Png)),
            ("application/json;q=0, */*", Some(Form::Png)),
            ("*/*;q=0, image/png;q=0.001", Some(Form::Png)),
            ("application/json;q=0", None),
            ("*/*;q=0", None),
            ("*/*;q=0, image/png;q=0", None),
            ("application/*;q=0, image/*;q=0", None),
        ] {
            let request = TestRequest::default().insert_header(("Accept", accept));

            let form = Form::preferred(&request.to_srv_request());

            assert_eq!(form.ok(), expected, "{accept}");
        }
    }

    #[test]
    fn a_page_is_for_those_who_name_html() {
        for (accept, expected) in [
            ("text/html,application/xhtml+xml,*/*;q=0.8", true),
            ("text/html;q=0", false),
            ("*/*", false),
        ] {
            let request = TestRequest::default().insert_header(("Accept", accept));

            assert_eq!(names_html(&request.to_srv_request()), expected, "{accept}");
        }
    }
}
