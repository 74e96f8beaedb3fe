//! Punycode (RFC 3492): labels of any letters as letters, digits and hyphens.

const BASE: u32 = 36;
const T_MIN: u32 = 1;
const T_MAX: u32 = 26;
const SKEW: u32 = 38;
const DAMP: u32 = 700;
const FIRST_BIAS: u32 = 72;
const FIRST_CODE: u32 = 128;
/// The most letters of a label that are looked at; real ones are shorter.
const MAX_LETTERS: usize = 256;

/// The label that `encoded` stands for, without `xn--` and in lower case.
pub(super) fn decode(encoded: &str) -> Option<String> {
    let (basic, rest) = encoded.rsplit_once('-').unwrap_or(("", encoded));
    if rest.is_empty() || encoded.len() > MAX_LETTERS {
        return None;
    }
    let mut letters: Vec<char> = basic.chars().collect();
    let (mut code, mut at, mut bias) = (FIRST_CODE, 0u32, FIRST_BIAS);
    let mut digits = rest.bytes();
    while digits.len() > 0 {
        let start = at;
        let (mut weight, mut step) = (1u32, BASE);
        loop {
            let digit = digit_of(digits.next()?)?;
            at = at.checked_add(digit.checked_mul(weight)?)?;
            let threshold = threshold(step, bias);
            if digit < threshold {
                break;
            }
            weight = weight.checked_mul(BASE - threshold)?;
            step += BASE;
        }
        let count = u32::try_from(letters.len()).ok()? + 1;
        bias = adapt(at - start, count, start == 0);
        code = code.checked_add(at / count)?;
        at %= count;
        letters.insert(at as usize, char::from_u32(code)?);
        at += 1;
    }
    Some(letters.into_iter().collect())
}

/// `label` as Punycode, without `xn--`.
pub(super) fn encode(label: &str) -> Option<String> {
    let letters: Vec<u32> = label.chars().map(u32::from).collect();
    if letters.len() > MAX_LETTERS {
        return None;
    }
    let mut out: String = label.chars().filter(char::is_ascii).collect();
    let basic = u32::try_from(out.len()).ok()?;
    if basic > 0 {
        out.push('-');
    }
    let (mut code, mut delta, mut bias, mut done) = (FIRST_CODE, 0u32, FIRST_BIAS, basic);
    while (done as usize) < letters.len() {
        let next = letters.iter().copied().filter(|letter| *letter >= code).min()?;
        delta = delta.checked_add((next - code).checked_mul(done + 1)?)?;
        code = next;
        for letter in &letters {
            if *letter < code {
                delta = delta.checked_add(1)?;
            }
            if *letter == code {
                write_number(delta, bias, &mut out);
                bias = adapt(delta, done + 1, done == basic);
                delta = 0;
                done += 1;
            }
        }
        delta += 1;
        code += 1;
    }
    Some(out)
}

fn write_number(mut number: u32, bias: u32, out: &mut String) {
    let mut step = BASE;
    loop {
        let threshold = threshold(step, bias);
        if number < threshold {
            return out.push(letter_of(number));
        }
        let rest = number - threshold;
        out.push(letter_of(threshold + rest % (BASE - threshold)));
        number = rest / (BASE - threshold);
        step += BASE;
    }
}

fn threshold(step: u32, bias: u32) -> u32 {
    step.saturating_sub(bias).clamp(T_MIN, T_MAX)
}

fn adapt(delta: u32, count: u32, is_first: bool) -> u32 {
    let mut delta = if is_first { delta / DAMP } else { delta / 2 };
    delta += delta / count;
    let mut step = 0;
    while delta > (BASE - T_MIN) * T_MAX / 2 {
        delta /= BASE - T_MIN;
        step += BASE;
    }
    step + (BASE - T_MIN + 1) * delta / (delta + SKEW)
}

fn digit_of(byte: u8) -> Option<u32> {
    match byte {
        b'a'..=b'z' => Some(u32::from(byte - b'a')),
        b'0'..=b'9' => Some(u32::from(byte - b'0') + 26),
        _ => None,
    }
}

fn letter_of(digit: u32) -> char {
    char::from_digit(digit.wrapping_sub(26), 10).unwrap_or_else(|| char::from(b'a' + (digit % 26) as u8))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_samples_of_the_standard_come_back() {
        for (label, encoded) in [
            ("bücher", "bcher-kva"),
            ("他们为什么不说中文", "ihqwcrb4cv8a8dqg056pqjye"),
            ("почемужеонинеговорятпорусски", "b1abfaaepdrnnbgefbadotcwatmq2g4l"),
            ("3年b組金八先生", "3b-ww4c5e180e575a65lsy2b"),
        ] {
            assert_eq!(encode(label).as_deref(), Some(encoded));
            assert_eq!(decode(encoded).as_deref(), Some(label));
        }
    }

    proptest! {
        #[test]
        fn labels_come_back_and_no_text_panics(label in "[a-zà-ʯ一-鿿]{1,30}", any in "[a-z0-9-]{0,80}") {
            prop_assume!(!label.is_ascii());
            prop_assert_eq!(decode(&encode(&label).unwrap()), Some(label));
            let _ = decode(&any);
        }
    }
}
