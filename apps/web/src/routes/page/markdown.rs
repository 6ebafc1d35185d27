//! Markdown of the model card as HTML: headings, paragraphs, lists, tables, code, links, emphasis.
//!
//! It knows what the documents of this project use and nothing more. Everything else is text.

/// Renders a document without its first heading, which the page has already.
pub(crate) fn html(markdown: &str) -> String {
    let mut html = String::new();
    let lines: Vec<&str> = markdown.lines().collect();
    let mut rest = lines.as_slice();
    while let [line, tail @ ..] = rest {
        let taken = match line.trim_start() {
            "" => 1,
            text if text.starts_with("```") => code(tail, &mut html) + 1,
            text if text.starts_with('#') => {
                heading(text, &mut html);
                1
            }
            text if text.starts_with('|') => table(rest, &mut html),
            text if item(text).is_some() => list(rest, &mut html),
            _ => paragraph(rest, &mut html),
        };
        rest = &rest[taken..];
    }
    html
}

fn heading(line: &str, html: &mut String) {
    let text = line.trim_start_matches('#');
    let level = (line.len() - text.len()).min(6);
    if level > 1 {
        let text = inline(text.trim());
        html.push_str(&format!("<h{level}>{text}</h{level}>\n"));
    }
}

/// Lines up to the closing fence, and how many were taken.
fn code(lines: &[&str], html: &mut String) -> usize {
    let is_fence = |line: &&str| line.trim_start().starts_with("```");
    let end = lines.iter().position(is_fence).unwrap_or(lines.len());
    let text = escape(&lines[..end].join("\n"));
    html.push_str(&format!("<pre tabindex=\"0\"><code>{text}</code></pre>\n"));
    (end + 1).min(lines.len())
}

/// Rows up to the first line that is none.
fn table(lines: &[&str], html: &mut String) -> usize {
    let is_row = |line: &&str| line.trim_start().starts_with('|');
    let end = lines.iter().position(|line| !is_row(line));
    let rows = &lines[..end.unwrap_or(lines.len())];
    // landmarks of one page need names that differ
    let number = html.matches("<table>").count() + 1;
    html.push_str(&format!(
        "<div class=\"table\" role=\"region\" tabindex=\"0\" aria-label=\"Table {number}\">"
    ));
    html.push_str("<table>\n");
    for (index, row) in rows.iter().enumerate() {
        // the second row only draws a line, and the first may be empty
        if index < 2 && row.chars().all(|c| "|-: ".contains(c)) {
            continue;
        }
        let cell = if index == 0 { "th" } else { "td" };
        html.push_str("<tr>");
        for text in row.trim().trim_matches('|').split('|') {
            html.push_str(&format!("<{cell}>{}</{cell}>", inline(text.trim())));
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</table></div>\n");
    rows.len()
}

/// Text of a list's item and whether the list is numbered.
fn item(line: &str) -> Option<(&str, bool)> {
    let line = line.trim_start();
    if let Some(text) = line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")) {
        return Some((text, false));
    }
    let text = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let text = text
        .strip_prefix(". ")
        .filter(|_| text.len() < line.len())?;
    Some((text, true))
}

/// Items up to an empty line; lines between belong to the item before them.
fn list(lines: &[&str], html: &mut String) -> usize {
    let end = lines.iter().position(|line| line.trim().is_empty());
    let lines = &lines[..end.unwrap_or(lines.len())];
    let numbered = item(lines[0]).is_some_and(|(_, numbered)| numbered);
    let tag = if numbered { "ol" } else { "ul" };
    let mut items: Vec<String> = Vec::new();
    for line in lines {
        match (item(line), items.last_mut()) {
            (None, Some(last)) => {
                last.push(' ');
                last.push_str(line.trim());
            }
            (found, _) => items.push(found.map_or(*line, |(text, _)| text).to_owned()),
        }
    }
    html.push_str(&format!("<{tag}>\n"));
    for text in &items {
        html.push_str(&format!("<li>{}</li>\n", inline(text)));
    }
    html.push_str(&format!("</{tag}>\n"));
    lines.len()
}

/// Lines up to the next block.
fn paragraph(lines: &[&str], html: &mut String) -> usize {
    let starts_block = |line: &&str| {
        let line = line.trim_start();
        line.is_empty()
            || ["#", "|", "```"].iter().any(|mark| line.starts_with(mark))
            || item(line).is_some()
    };
    let end = lines.iter().skip(1).position(starts_block);
    let lines = &lines[..end.map_or(lines.len(), |end| end + 1)];
    let text: Vec<&str> = lines
        .iter()
        .map(|line| line.trim().trim_start_matches("> "))
        .collect();
    html.push_str(&format!("<p>{}</p>\n", inline(&text.join(" "))));
    lines.len()
}

/// Code, links and emphasis within a line.
fn inline(text: &str) -> String {
    let mut html = String::new();
    let mut rest = text;
    while let Some(mark) = rest.find(['`', '[', '*', '<']) {
        html.push_str(&escape(&rest[..mark]));
        rest = &rest[mark..];
        let (piece, length) = code_span(rest)
            .or_else(|| link(rest))
            .or_else(|| address(rest))
            .or_else(|| emphasis(rest, "**", "strong"))
            .or_else(|| emphasis(rest, "*", "em"))
            .unwrap_or_else(|| (escape(&rest[..1]), 1));
        html.push_str(&piece);
        rest = &rest[length..];
    }
    html + &escape(rest)
}

/// What stands between two marks, and its length with them.
fn between<'a>(text: &'a str, open: &str, close: &str) -> Option<(&'a str, usize)> {
    let inner = text.strip_prefix(open)?;
    let end = inner.find(close).filter(|end| *end > 0)?;
    Some((&inner[..end], open.len() + end + close.len()))
}

fn code_span(text: &str) -> Option<(String, usize)> {
    let (inner, length) = between(text, "`", "`")?;
    Some((format!("<code>{}</code>", escape(inner)), length))
}

fn emphasis(text: &str, mark: &str, tag: &str) -> Option<(String, usize)> {
    let (inner, length) = between(text, mark, mark)?;
    if inner.starts_with(' ') {
        return None;
    }
    Some((format!("<{tag}>{}</{tag}>", inline(inner)), length))
}

/// A link; to a file of the repository it is only text, for the page does not have it.
fn link(text: &str) -> Option<(String, usize)> {
    let (label, end) = between(text, "[", "]")?;
    let (target, length) = between(&text[end..], "(", ")")?;
    let label = inline(label);
    let html = if is_address(target) {
        format!("<a href=\"{}\">{label}</a>", escape(target))
    } else {
        label
    };
    Some((html, end + length))
}

/// An address in angle brackets.
fn address(text: &str) -> Option<(String, usize)> {
    let (target, length) = between(text, "<", ">")?;
    let target = Some(target).filter(|target| is_address(target))?;
    let target = escape(target);
    Some((format!("<a href=\"{target}\">{target}</a>"), length))
}

fn is_address(target: &str) -> bool {
    target.starts_with("https://") || target.starts_with("http://")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_become_elements() {
        let markdown =
            "# Card\n\nOne\ntwo.\n\n## Data\n- a\n  b\n- c\n\n1. x\n\n```sh\na < b\n```\n";

        assert_eq!(
            html(markdown),
            "<p>One two.</p>\n<h2>Data</h2>\n<ul>\n<li>a b</li>\n<li>c</li>\n</ul>\n\
             <ol>\n<li>x</li>\n</ol>\n<pre tabindex=\"0\"><code>a &lt; b</code></pre>\n"
        );
    }

    #[test]
    fn tables_have_a_head_and_scroll_by_keyboard() {
        assert_eq!(
            html("| a | b |\n| --- | --: |\n| 1 | *2* |\nend"),
            "<div class=\"table\" role=\"region\" tabindex=\"0\" aria-label=\"Table 1\"><table>\n\
             <tr><th>a</th><th>b</th></tr>\n<tr><td>1</td><td><em>2</em></td></tr>\n\
             </table></div>\n<p>end</p>\n"
        );
    }

    #[test]
    fn a_table_without_a_head_has_no_empty_cells() {
        assert!(html("| | |\n| --- | --- |\n| a | b |").contains("<table>\n<tr><td>a</td>"));
    }

    #[test]
    fn marks_within_a_line() {
        assert_eq!(
            inline("a `<b>` **c *d*** [e](https://f/?g&h) [i](j.md) 2 * 3 <https://k>"),
            "a <code>&lt;b&gt;</code> <strong>c *d</strong>* \
             <a href=\"https://f/?g&amp;h\">e</a> i 2 * 3 <a href=\"https://k\">https://k</a>"
        );
    }

    #[test]
    fn html_and_scripts_are_text() {
        assert_eq!(
            html("<script>x</script> [y](javascript:z)"),
            "<p>&lt;script&gt;x&lt;/script&gt; y</p>\n"
        );
    }

    #[test]
    fn no_text_is_lost_or_hangs() {
        for markdown in [
            "```", "|", "- ", "#", "[", "*", "**", "`", "<", "1. ", "", "\n\n",
        ] {
            html(markdown);
        }
        assert_eq!(html("*a"), "<p>*a</p>\n");
    }
}
