//! Foreign text in a command that is printed for somebody to paste. It runs nothing.

/// One word of a POSIX shell, whatever the text holds: as it is where nothing in it acts, else quoted.
pub fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:@%+=,".contains(c);
    if !text.is_empty() && !text.starts_with(['-', '=']) && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_word_acts() {
        assert_eq!(shell_word("model-version:x@1"), "model-version:x@1");
        assert_eq!(shell_word("$(touch x)"), "'$(touch x)'");
        assert_eq!(shell_word("it's"), r"'it'\''s'");
        assert_eq!(shell_word(""), "''");
        assert_eq!(shell_word("-rf"), "'-rf'");
    }
}
