//! Ids and times of spans in every spelling, exact: no digit of 128 bits goes through a float. It makes
//! up no id and no time.

use crate::model::Time;
use serde_json::Value;

/// An id as lower-case hexadecimal, and what is doubtful about its spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Id {
    pub(super) hex: String,
    pub(super) doubt: Option<String>,
}

/// Reads an id of so many hexadecimal digits: hexadecimal in either case, with `0x`, a decimal integer,
/// or base64 as some exporters write it. `quoted` tells whether the unit holds a text in quotes.
pub(super) fn id(value: &Value, digits: usize, quoted: impl Fn(&str) -> bool) -> Result<Id, String> {
    let fail = |found: &str| format!("{found} is no id of {digits} hexadecimal digits");
    let hex = match value {
        Value::Number(number) => {
            let number = number.as_u64().ok_or_else(|| fail(&number.to_string()))?;
            return finish(format!("{number:0digits$x}"), digits, None);
        }
        Value::String(text) => text.trim(),
        other => return Err(fail(crate::import::node::word(other))),
    };
    let bare = hex.strip_prefix("0x").or_else(|| hex.strip_prefix("0X"));
    if let Some(bare) = bare.filter(|bare| is_hex(bare) && bare.len() <= digits) {
        return finish(format!("{:0>digits$}", bare.to_ascii_lowercase()), digits, None);
    }
    let decimal = !hex.is_empty() && hex.bytes().all(|byte| byte.is_ascii_digit());
    // A number too long for its type came as text; a text of that length with quotes is hexadecimal.
    if decimal && (hex.len() != digits || !quoted(hex)) {
        let number: u128 = hex.parse().map_err(|_| fail(&format!("\"{hex}\"")))?;
        return finish(format!("{number:0digits$x}"), digits, None);
    }
    if hex.len() == digits && is_hex(hex) {
        return finish(hex.to_ascii_lowercase(), digits, None);
    }
    if let Some(bytes) = base64(hex).filter(|bytes| bytes.len() * 2 == digits) {
        let doubt = format!("\"{hex}\" looks like base64, expected {digits} hexadecimal digits; taken as base64");
        return finish(hex::encode(bytes), digits, Some(doubt));
    }
    Err(fail(&format!("\"{hex}\"")))
}

fn is_hex(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn finish(hex: String, digits: usize, doubt: Option<String>) -> Result<Id, String> {
    if hex.len() != digits {
        return Err(format!("\"{hex}\" is longer than {digits} hexadecimal digits"));
    }
    if hex.bytes().all(|byte| byte == b'0') {
        return Err("an id of zeros is no id".to_owned());
    }
    Ok(Id { hex, doubt })
}

fn base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let (mut bits, mut have) = (0_u32, 0_u32);
    for byte in text.trim_end_matches('=').bytes() {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(six)) & 0xFFFF;
        have += 6;
        if have >= 8 {
            have -= 8;
            out.push(u8::try_from(bits >> have & 0xFF).ok()?);
        }
    }
    Some(out)
}

/// Nanoseconds since 1970, from a number, a text of one, a pair of seconds and nanoseconds, or a date.
/// Nothing when it is zero, which stands for not set.
pub(super) fn nanos(value: &Value) -> Result<Option<i128>, String> {
    let wrong = || format!("{} is no time", clipped(value));
    let read = match value {
        Value::Null => return Ok(None),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => i128::from(whole),
            None => return Err(wrong()),
        },
        Value::String(text) if text.trim().is_empty() => return Ok(None),
        Value::String(text) => match text.trim().parse::<i128>() {
            Ok(whole) => whole,
            Err(_) => {
                let (time, _) = Time::parse_stated(text.trim()).map_err(|_| wrong())?;
                i128::from(time.micros()) * 1000
            }
        },
        Value::Array(pair) => match pair.as_slice() {
            [seconds, nanos] => {
                let seconds = seconds.as_i64().ok_or_else(wrong)?;
                i128::from(seconds) * 1_000_000_000 + i128::from(nanos.as_i64().ok_or_else(wrong)?)
            }
            _ => return Err(wrong()),
        },
        _ => return Err(wrong()),
    };
    if !(0..=253_402_300_800_000_000_000).contains(&read) {
        return Err(wrong());
    }
    Ok((read != 0).then_some(read))
}

fn clipped(value: &Value) -> String {
    crate::import::teller::clip(&value.to_string())
}

/// The moment, to the microsecond that claims keep.
pub(super) fn time(nanos: i128) -> Time {
    Time::from_micros(i64::try_from(nanos.div_euclid(1000)).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn trace(value: Value) -> Result<String, String> {
        id(&value, 32, |_| true).map(|id| id.hex)
    }

    #[test]
    fn one_id_in_five_spellings() {
        let wanted = Ok("4bf92f3577b34da6a3ce929d0e0e4736".to_owned());
        for spelling in [
            json!("4bf92f3577b34da6a3ce929d0e0e4736"),
            json!("4BF92F3577B34DA6A3CE929D0E0E4736"),
            json!("0x4bf92f3577b34da6a3ce929d0e0e4736"),
            json!("100985939111033328018442752961257817910"),
            json!("S/kvNXezTaajzpKdDg5HNg=="),
        ] {
            assert_eq!(trace(spelling), wanted);
        }
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for bad in
            [json!("0".repeat(32)), json!("abc"), json!(null), json!(1.5), json!("z".repeat(32)), json!("9".repeat(60))]
        {
            assert!(trace(bad.clone()).is_err(), "{bad}");
        }
    }

    #[test]
    fn times_in_four_spellings() {
        for value in [
            json!(1_770_131_992_242_000_000_i64),
            json!("1770131992242000000"),
            json!([1_770_131_992, 242_000_000]),
            json!("2026-02-03T15:19:52.242Z"),
        ] {
            assert_eq!(nanos(&value), Ok(Some(1_770_131_992_242_000_000)));
        }
        assert_eq!(nanos(&json!("0")), Ok(None));
        assert!(nanos(&json!({})).is_err() && nanos(&json!(u64::MAX)).is_err());
    }
}
