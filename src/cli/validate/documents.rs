//! From a text to its documents, each with the line it begins at.
//!
//! Why not the parser's own stream: it ends at the first document that is no YAML, and the others would not be looked
//! at. A line that begins with `---` ends a document wherever it stands, so the text can be cut before it is parsed.
//! Must not: know what a document says, lists aside.

use serde_json::Value;

/// A document, or why it is none.
pub(super) struct Parsed {
    /// The line it begins at, from 1.
    pub(super) line: usize,
    /// The document, or what is wrong with it.
    pub(super) value: Result<Value, String>,
}

/// The documents of a text; empty ones are left out, and a `List` is taken apart.
pub(super) fn parse(text: &str) -> Vec<Parsed> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let chunks = if text.trim_start().starts_with('{') { vec![(1, text.to_owned())] } else { cut(text) };
    let parsed = chunks.into_iter().filter(|(_, chunk)| says_something(chunk));
    parsed.flat_map(|(line, chunk)| parse_one(line, &chunk)).collect()
}

fn cut(text: &str) -> Vec<(usize, String)> {
    let mut chunks = vec![(1, String::new())];
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let rest = line.strip_prefix("---").or_else(|| line.strip_prefix("..."));
        let is_mark = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace));
        match rest.filter(|_| is_mark) {
            Some(rest) => chunks.push((index + 1, rest.to_owned())),
            None => {
                if let Some((_, chunk)) = chunks.last_mut() {
                    chunk.push_str(line);
                }
            }
        }
    }
    chunks
}

/// Whether there is more than blank lines, comments and directives.
fn says_something(chunk: &str) -> bool {
    chunk.lines().map(str::trim).any(|line| !line.is_empty() && !line.starts_with(['#', '%']))
}

fn parse_one(line: usize, chunk: &str) -> Vec<Parsed> {
    let first = chunk.lines().take_while(|text| !says_something(text)).count();
    // Blank lines in front make the parser count as the file does.
    let placed = "\n".repeat(line - 1) + chunk;
    let value = if chunk.trim_start().starts_with('{') {
        serde_json::from_str(&placed)
            .or_else(|error| yaml(&placed).map_err(|_| format!("is not JSON: {error}")))
    } else {
        yaml(&placed)
    };
    match value {
        Ok(Value::Null) => Vec::new(),
        Ok(value) => {
            items(value).into_iter().map(|item| Parsed { line: line + first, value: Ok(item) }).collect()
        }
        Err(message) => vec![Parsed { line: line + first, value: Err(message) }],
    }
}

fn yaml(text: &str) -> Result<Value, String> {
    serde_saphyr::from_str(text).map_err(|error| {
        let said = error.to_string();
        let first =
            said.lines().next().unwrap_or_default().trim_start_matches("error: ").trim_end_matches(':');
        format!("is not YAML: {first}; correct the document, the others were checked")
    })
}

/// What `kubectl get -o yaml` prints is one `List`.
fn items(mut value: Value) -> Vec<Value> {
    let is_list =
        value["kind"].as_str().is_some_and(|kind| kind.ends_with("List")) && value["items"].is_array();
    match value["items"].take() {
        Value::Array(items) if is_list => items,
        other => {
            if !other.is_null() {
                value["items"] = other;
            }
            vec![value]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<(usize, bool)> {
        parse(text).iter().map(|parsed| (parsed.line, parsed.value.is_ok())).collect()
    }

    #[test]
    fn a_broken_document_hides_none_of_the_others() {
        assert_eq!(lines("a: 1\n---\nb: [\n---\n# c\n\nc: 3\n"), [(1, true), (3, false), (7, true)]);
    }

    #[test]
    fn a_mistake_is_placed_by_the_line_of_the_file() {
        let parsed = parse("a: 1\n---\nb: 1\nc: [\n");
        let message = parsed[1].value.as_ref().unwrap_err();
        assert!(message.contains("line 4 column 4"), "{message}");
    }

    #[test]
    fn empty_documents_and_comments_are_no_documents() {
        assert_eq!(lines(""), []);
        assert_eq!(lines("# only this\n---\n\n--- # and this\n...\n"), []);
        assert_eq!(lines("%YAML 1.2\n---\na: 1\n"), [(3, true)]);
    }

    #[test]
    fn a_mark_inside_a_line_does_not_cut() {
        let parsed = parse("a: |\n  ---\n  b\nc: ----\n");
        assert_eq!(parsed.len(), 1);
        assert_eq!(parsed[0].value.as_ref().unwrap()["a"], "---\nb\n");
    }

    #[test]
    fn a_list_is_taken_apart_and_json_is_read() {
        let parsed = parse("{\"kind\": \"List\", \"items\": [{\"a\": 1}, {\"a\": 2}]}");
        let values: Vec<_> = parsed.into_iter().map(|parsed| parsed.value.unwrap()["a"].clone()).collect();
        assert_eq!(values, [1, 2]);
        assert_eq!(lines("{\"kind\": \n"), [(1, false)]);
    }

    #[test]
    fn a_value_called_items_stays_in_a_document_that_is_no_list() {
        let parsed = parse("kind: Other\nitems: 5\n");
        assert_eq!(parsed[0].value.as_ref().unwrap()["items"], 5);
    }
}
