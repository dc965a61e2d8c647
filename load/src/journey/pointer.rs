//! JSON pointers (RFC 6901), taken apart when the journey is read: an answer is looked into a thousand times a second.

use serde_json::Value;

/// The way to a value within another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Pointer {
    text: String,
    steps: Vec<PointerStep>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct PointerStep {
    key: String,
    /// The same as a place in a list, where it can be one.
    index: Option<usize>,
}

impl Pointer {
    /// Reads a pointer; `None` when it is none.
    pub(super) fn parse(text: &str) -> Option<Pointer> {
        let mut parts = text.split('/');
        let is_pointer = parts.next() == Some("");
        let steps = parts.map(|part| PointerStep {
            key: part.replace("~1", "/").replace("~0", "~"),
            index: part.parse().ok().filter(|_| is_index(part)),
        });
        is_pointer.then(|| Pointer { text: text.to_owned(), steps: steps.collect() })
    }

    /// The notation it was read from.
    pub(super) fn notation(&self) -> &str {
        &self.text
    }

    /// The value to which it leads.
    pub(super) fn find<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        self.steps.iter().try_fold(value, |value, step| match value {
            Value::Object(members) => members.get(&step.key),
            Value::Array(elements) => elements.get(step.index?),
            _ => None,
        })
    }
}

/// A place in a list has neither sign nor leading zeros.
fn is_index(text: &str) -> bool {
    text == "0" || (!text.starts_with(['0', '+']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn pointers_lead_where_those_of_the_library_lead() {
        let value = json!({"a": [{"b/c": 1}, {"m~n": [7, null]}], "0": "zero", "": {"": 2}, "00": 3});
        for text in [
            "",
            "/",
            "//",
            "/a",
            "/a/0",
            "/a/0/b~1c",
            "/a/1/m~0n/0",
            "/a/1/m~0n/1",
            "/a/1/m~0n/2",
            "/a/01",
            "/a/+1",
            "/a/-1",
            "/a/-",
            "/a/x",
            "/0",
            "/00",
            "/0/0",
            "/a/",
            "/~01",
        ] {
            let pointer = Pointer::parse(text).unwrap();
            assert_eq!(pointer.find(&value), value.pointer(text), "{text}");
            assert_eq!(pointer.notation(), text);
        }
        assert_eq!(Pointer::parse("a/b"), None);
    }
}
