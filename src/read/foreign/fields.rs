//! Looking into a payload, where anything may be missing, null, empty, or a number in quotes.

use serde_json::{Map, Value};

use super::problem::{Fault, ProblemCode};
use super::time::Moment;

/// The fields of one object.
#[derive(Debug, Clone, Copy)]
pub(in crate::read) struct Fields<'a>(&'a Map<String, Value>);

impl<'a> Fields<'a> {
    pub(in crate::read) fn new(map: &'a Map<String, Value>) -> Fields<'a> {
        Fields(map)
    }

    /// Whether the key is there, whatever its value.
    pub(in crate::read) fn has(self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// A text or a number that is there and not empty, as text without blanks around it.
    pub(in crate::read) fn text(self, key: &str) -> Option<String> {
        match self.0.get(key)? {
            Value::String(text) => Some(text.trim().to_string()).filter(|text| !text.is_empty()),
            Value::Number(number) => Some(number.to_string()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// The first of several that is there.
    pub(in crate::read) fn first_text(self, keys: &[&str]) -> Option<String> {
        keys.iter().find_map(|key| self.text(key))
    }

    /// [`first_text`](Fields::first_text), or the fault that says it is missing.
    pub(in crate::read) fn needed_text(self, keys: &[&str]) -> Result<String, Fault> {
        self.first_text(keys).ok_or_else(|| Fault::missing(&keys.join(" or ")))
    }

    /// True also for the words of Python and of JSON in quotes.
    pub(in crate::read) fn is_true(self, key: &str) -> Option<bool> {
        match self.0.get(key)? {
            Value::Bool(value) => Some(*value),
            Value::String(text) => match text.trim() {
                "true" | "True" | "1" => Some(true),
                "false" | "False" | "0" => Some(false),
                _ => None,
            },
            Value::Number(number) => Some(number.as_u64() == Some(1)),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// A time that is there. `""`, null and Python's `None` are how times are absent that have not
    /// come yet.
    pub(in crate::read) fn time(self, key: &str) -> Result<Option<Moment>, Fault> {
        let Some(text) = self.text(key).filter(|text| text != "None") else { return Ok(None) };
        match Moment::parse(&text) {
            Some(moment) => Ok(Some(moment)),
            None => Err(Fault::new(ProblemCode::BadTime, format!("{key} is no time: {text}"))),
        }
    }

    /// A whole number that is there and not negative.
    pub(in crate::read) fn whole_number(self, key: &str) -> Result<Option<u64>, Fault> {
        let Some(text) = self.text(key).filter(|text| text != "None") else { return Ok(None) };
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse() {
            Ok(number) if digits => Ok(Some(number)),
            Ok(_) | Err(_) => {
                let message = format!("{key} is no whole number: {text}");
                Err(Fault::new(ProblemCode::BadNumber, message))
            }
        }
    }

    /// An object inside; Nova's versioned objects are unwrapped.
    pub(in crate::read) fn child(self, key: &str) -> Option<Fields<'a>> {
        self.0.get(key).and_then(Value::as_object).map(|map| Fields(unwrapped(map)))
    }

    /// The objects of a list, which AWS writes as `[…]` or as `{"items": […]}`.
    pub(in crate::read) fn items(self, key: &str) -> Vec<Fields<'a>> {
        let value = self.0.get(key);
        let list = value.and_then(|value| value.get("items")).or(value);
        let items = list.and_then(Value::as_array).into_iter().flatten();
        items.filter_map(Value::as_object).map(Fields).collect()
    }

    /// The words of a list of texts.
    pub(in crate::read) fn words(self, key: &str) -> Vec<String> {
        let items = self.0.get(key).and_then(Value::as_array);
        let words = items.into_iter().flatten().filter_map(Value::as_str);
        words.map(|word| word.trim().to_string()).filter(|word| !word.is_empty()).collect()
    }
}

/// The data of a versioned object of Nova's, `{"nova_object.data": {…}, …}`; of others, the object.
pub(in crate::read) fn unwrapped(map: &Map<String, Value>) -> &Map<String, Value> {
    map.get("nova_object.data").and_then(Value::as_object).unwrap_or(map)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_values_have_many_faces() {
        let text = r#"{"null": null, "empty": "", "blank": " ", "none": "None", "text": " x ",
            "number": 7, "quoted": "7", "minus": -7, "half": 7.5, "plus": "+7", "big": "99999999999999999999",
            "yes": "True", "child": {"nova_object.data": {"inner": "y"}}, "tags": ["b", "", 3, "a"]}"#;
        let map: Map<String, Value> = serde_json::from_str(text).unwrap();
        let fields = Fields::new(&map);
        for key in ["null", "empty", "blank", "missing", "child", "tags"] {
            assert_eq!(fields.text(key), None, "{key}");
        }
        for key in ["null", "empty", "none", "missing"] {
            assert_eq!(fields.time(key), Ok(None), "{key}");
            assert_eq!(fields.whole_number(key), Ok(None), "{key}");
        }
        for key in ["number", "quoted"] {
            assert_eq!(fields.whole_number(key), Ok(Some(7)), "{key}");
        }
        for key in ["minus", "half", "plus", "big", "text"] {
            assert_eq!(fields.whole_number(key).unwrap_err().code, ProblemCode::BadNumber, "{key}");
        }
        assert_eq!(fields.time("text").unwrap_err().code, ProblemCode::BadTime);
        assert_eq!(fields.first_text(&["null", "text", "number"]).as_deref(), Some("x"));
        assert_eq!(fields.is_true("yes"), Some(true));
        assert_eq!(fields.is_true("text"), None);
        assert_eq!(fields.child("child").and_then(|child| child.text("inner")), Some("y".into()));
        assert_eq!(fields.words("tags"), ["b", "a"]);
    }
}
