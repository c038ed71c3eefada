//! Values within a unit with their JSON pointers, so that what is wrong is said with its place.
//! It knows no format.

use super::json::strict_value;
use serde_json::Value;

/// A value and where in the unit it stands.
#[derive(Debug, Clone)]
pub(super) struct Node<'v> {
    pub(super) value: &'v Value,
    pub(super) path: String,
}

/// What is wrong, with the pointer in front.
pub(super) type Fault = String;

/// Reads a value that stands at that pointer.
pub(super) fn parse(text: &str, path: &str) -> Result<Value, Fault> {
    strict_value(text).map_err(|error| format!("{}: {error}", shown(path)))
}

/// A key as JSON pointers write it.
pub(super) fn escaped(key: &str) -> std::borrow::Cow<'_, str> {
    if key.contains(['~', '/']) { key.replace('~', "~0").replace('/', "~1").into() } else { key.into() }
}

/// The pointer of an element.
pub(super) fn indexed(path: &str, index: usize) -> String {
    let mut out = String::with_capacity(path.len() + 8);
    out.push_str(path);
    out.push('/');
    let mut scale = 1;
    while index / scale >= 10 {
        scale *= 10;
    }
    while scale > 0 {
        out.push(char::from(b"0123456789"[index / scale % 10]));
        scale /= 10;
    }
    out
}

fn shown(path: &str) -> &str {
    if path.is_empty() { "/" } else { path }
}

pub(super) fn word(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn wrong(path: &str, expected: &str, found: &Value) -> Fault {
    format!("{}: expected {expected}, found {}", shown(path), word(found))
}

pub(super) fn missing(path: &str, key: &str) -> Fault {
    format!("{}: \"{key}\" is a required property", shown(path))
}

impl<'v> Node<'v> {
    pub(super) fn new(value: &'v Value, path: impl Into<String>) -> Node<'v> {
        Node { value, path: path.into() }
    }

    fn wrong(&self, expected: &str) -> Fault {
        wrong(&self.path, expected, self.value)
    }

    /// The pointer of a member.
    fn below(&self, key: &str) -> String {
        let key = escaped(key);
        let mut path = String::with_capacity(self.path.len() + 1 + key.len());
        path.push_str(&self.path);
        path.push('/');
        path.push_str(&key);
        path
    }

    /// The value under a key, without its place; null counts as none.
    fn get(&self, key: &str) -> Result<Option<&'v Value>, Fault> {
        let object = self.value.as_object().ok_or_else(|| self.wrong("an object"))?;
        Ok(object.get(key).filter(|value| !value.is_null()))
    }

    /// Its pointer as messages show it.
    pub(super) fn place(&self) -> &str {
        shown(&self.path)
    }

    /// The value under a key; null counts as none.
    pub(super) fn child(&self, key: &str) -> Result<Option<Node<'v>>, Fault> {
        Ok(self.get(key)?.map(|value| Node::new(value, self.below(key))))
    }

    pub(super) fn required(&self, key: &str) -> Result<Node<'v>, Fault> {
        self.child(key)?.ok_or_else(|| missing(&self.path, key))
    }

    pub(super) fn as_text(&self) -> Result<&'v str, Fault> {
        self.value.as_str().ok_or_else(|| self.wrong("text"))
    }

    /// A text that must be there and not be blank.
    pub(super) fn text(&self, key: &str) -> Result<&'v str, Fault> {
        let text = self.optional_text(key)?.ok_or_else(|| missing(&self.path, key))?;
        if text.trim().is_empty() {
            return Err(format!("{}: is empty", self.below(key)));
        }
        Ok(text)
    }

    pub(super) fn optional_text(&self, key: &str) -> Result<Option<&'v str>, Fault> {
        let Some(value) = self.get(key)? else { return Ok(None) };
        value.as_str().map(Some).ok_or_else(|| wrong(&self.below(key), "text", value))
    }

    /// The elements of a list; none when the key is absent or null.
    pub(super) fn list(&self, key: &str) -> Result<Vec<Node<'v>>, Fault> {
        let Some(node) = self.child(key)? else { return Ok(Vec::new()) };
        let list = node.value.as_array().ok_or_else(|| node.wrong("a list"))?;
        Ok(list.iter().enumerate().map(|(index, value)| Node::new(value, indexed(&node.path, index))).collect())
    }

    /// The entries of an object; none when the key is absent or null.
    pub(super) fn entries(&self, key: &str) -> Result<Vec<(&'v str, Node<'v>)>, Fault> {
        let Some(node) = self.child(key)? else { return Ok(Vec::new()) };
        let object = node.value.as_object().ok_or_else(|| node.wrong("an object"))?;
        object.keys().filter_map(|name| node.child(name).transpose().map(|child| Ok((name.as_str(), child?)))).collect()
    }
}
