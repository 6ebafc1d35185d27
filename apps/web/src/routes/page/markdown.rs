//! Markdown of the model card as HTML.
//!
//! Raw HTML is text, and so are links to anything but the web: nothing in a document can inject
//! markup. There is no inline style, which the content security policy forbids.

use pulldown_cmark::html::push_html;
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// Renders a document without its first heading, which the page has already.
pub(super) fn html(markdown: &str) -> String {
    let mut events = Parser::new_ext(markdown, Options::ENABLE_TABLES);
    let mut page = Page::default();
    while let Some(event) = events.next() {
        match event {
            Event::Start(Tag::Heading { level, .. }) if level == HeadingLevel::H1 => {
                text_until(&mut events, TagEnd::Heading(level));
            }
            Event::Start(Tag::CodeBlock(_)) => {
                page.code(text_until(&mut events, TagEnd::CodeBlock));
            }
            Event::Start(Tag::HtmlBlock) => {
                let block = text_until(&mut events, TagEnd::HtmlBlock);
                // with its tags escaped it is a paragraph like any other
                page.markup(html(&block.replace('<', "\\<")));
            }
            Event::InlineHtml(text) => page.events.push(Event::Text(text)),
            // a renderer may break lines where the document does
            Event::SoftBreak => page.events.push(Event::Text(" ".into())),
            Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => {}
            Event::Start(Tag::Link { .. }) | Event::End(TagEnd::Link) => page.link(event),
            Event::Start(Tag::Table(_) | Tag::TableHead | Tag::TableRow | Tag::TableCell)
            | Event::End(
                TagEnd::Table | TagEnd::TableHead | TagEnd::TableRow | TagEnd::TableCell,
            ) => page.table(&event),
            event => page.events.push(event),
        }
    }
    let mut html = String::new();
    push_html(&mut html, page.events.into_iter());
    html
}

/// The text of an element that has begun, up to its end.
fn text_until<'a>(events: &mut impl Iterator<Item = Event<'a>>, end: TagEnd) -> String {
    let inner = events.take_while(|event| *event != Event::End(end));
    let text = |event| match event {
        Event::Text(text) | Event::Html(text) => Some(text.into_string()),
        _ => None,
    };
    inner.filter_map(text).collect()
}

/// What is rendered, as far as it has come.
#[derive(Debug, Default)]
struct Page<'a> {
    events: Vec<Event<'a>>,
    tables: usize,
    /// Where the head of the last table began.
    head: usize,
    is_in_head: bool,
    is_in_link: bool,
}

impl<'a> Page<'a> {
    fn markup(&mut self, html: impl Into<CowStr<'a>>) {
        self.events.push(Event::Html(html.into()));
    }

    /// Code scrolls by keyboard.
    fn code(&mut self, code: String) {
        self.markup("<pre tabindex=\"0\"><code>");
        let code = code.trim_end_matches('\n').to_owned();
        self.events.push(Event::Text(code.into()));
        self.markup("</code></pre>\n");
    }

    /// A link to a file of the repository is only text, for the page does not have it.
    fn link(&mut self, event: Event<'a>) {
        let is_web = |url: &str| url.starts_with("https://") || url.starts_with("http://");
        let is_kept = match &event {
            Event::Start(Tag::Link { dest_url, .. }) => {
                self.is_in_link = is_web(dest_url);
                self.is_in_link
            }
            _ => std::mem::take(&mut self.is_in_link),
        };
        if is_kept {
            self.events.push(event);
        }
    }

    /// Tables scroll by keyboard, and a head without words is left out.
    fn table(&mut self, event: &Event<'a>) {
        let cell = if self.is_in_head { "th" } else { "td" };
        match event {
            Event::Start(Tag::Table(_)) => {
                self.tables += 1;
                // landmarks of one page need names that differ
                self.markup(format!(
                    "<div class=\"table\" role=\"region\" tabindex=\"0\" \
                     aria-label=\"Table {}\"><table>\n",
                    self.tables
                ));
            }
            Event::Start(Tag::TableHead) => {
                self.is_in_head = true;
                self.head = self.events.len();
                self.markup("<tr>");
            }
            Event::End(TagEnd::TableHead) => {
                self.is_in_head = false;
                self.markup("</tr>\n");
                let is_markup = |event: &Event<'_>| matches!(event, Event::Html(_));
                if self.events[self.head..].iter().all(is_markup) {
                    self.events.truncate(self.head);
                }
            }
            Event::Start(Tag::TableRow) => self.markup("<tr>"),
            Event::End(TagEnd::TableRow) => self.markup("</tr>\n"),
            Event::Start(Tag::TableCell) => self.markup(format!("<{cell}>")),
            Event::End(TagEnd::TableCell) => self.markup(format!("</{cell}>")),
            _ => self.markup("</table></div>\n"),
        }
    }
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
            html("| a | b |\n| --- | --: |\n| 1 | *2* |\n\nend"),
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
            html("a `<b>` **c *d*** [e](https://f/?g&h) [i](j.md) 2 * 3 <https://k>"),
            "<p>a <code>&lt;b&gt;</code> <strong>c <em>d</em></strong> \
             <a href=\"https://f/?g&amp;h\">e</a> i 2 * 3 <a href=\"https://k\">https://k</a></p>\n"
        );
    }

    #[test]
    fn html_and_scripts_are_text() {
        assert_eq!(
            html("<script>x</script> [y](javascript:z)"),
            "<p>&lt;script&gt;x&lt;/script&gt; y</p>\n"
        );
        for markdown in [
            "a <img src=x onerror=y> b",
            "<div>\n<script>x</script>\n</div>",
            "- <script>x",
            "<div>\\<script>x",
            "| <script> | b |\n| --- | --- |\n| <script> | `<script>` |",
            "![<script>](<https://x\" onerror=\"y>)",
            "[<script>](<https://x\"><script>>)",
            "```\"><script>\n</code><script>\n```",
        ] {
            let html = html(markdown);
            assert!(
                !html.contains("<script") && !html.contains("<img"),
                "{html}"
            );
            assert!(
                !html.contains("<div>") && !html.contains("onerror=\""),
                "{html}"
            );
        }
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
