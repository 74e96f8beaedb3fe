//! The ways in which values lie in bytes: what projects call them, and their media types.

/// A way in which values lie in bytes.
#[derive(Debug)]
pub struct Encoding {
    /// What projects call it: `avro`.
    pub name: &'static str,
    /// Its media types (RFC 6838), in lower case; the first is the one that is sent.
    pub media_types: &'static [&'static str],
    /// What further media types of it end with (RFC 6838, section 4.2.8): `+json`.
    pub suffix: Option<&'static str>,
}

impl PartialEq for Encoding {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Encoding {}

/// JSON in UTF-8 (RFC 8259), which every contract has.
pub static JSON: Encoding =
    Encoding { name: "json", media_types: &["application/json"], suffix: Some("+json") };

/// Avro's binary encoding, without a schema before it. Its specification names `avro/binary`; others are in wide use.
pub static AVRO: Encoding = Encoding {
    name: "avro",
    media_types: &["avro/binary", "application/vnd.apache.avro", "application/avro", "application/x-avro"],
    suffix: None,
};

/// Protobuf's binary form.
pub static PROTOBUF: Encoding = Encoding {
    name: "protobuf",
    media_types: &["application/protobuf", "application/x-protobuf", "application/vnd.google.protobuf"],
    suffix: None,
};

/// XML (RFC 7303).
pub static XML: Encoding =
    Encoding { name: "xml", media_types: &["application/xml", "text/xml"], suffix: Some("+xml") };

/// CSV with a header (RFC 4180).
pub static CSV: Encoding = Encoding { name: "csv", media_types: &["text/csv"], suffix: None };

/// Every encoding, in the order in which they are listed to people.
pub static ENCODINGS: &[&Encoding] = &[&JSON, &AVRO, &PROTOBUF, &XML, &CSV];

/// The names of those that a single message may be in: CSV is lists alone.
pub const OF_MESSAGES: &[&str] = &["json", "avro", "protobuf", "xml"];

/// The encoding of this name.
#[must_use]
pub fn of_name(name: &str) -> Option<&'static Encoding> {
    ENCODINGS.iter().copied().find(|encoding| encoding.name == name)
}

/// What a `Content-Type` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MediaType<'t> {
    /// Type and subtype, as they came.
    pub essence: &'t str,
    parameters: &'t str,
}

impl<'t> MediaType<'t> {
    /// The parts of `text` (RFC 9110, section 8.3.1).
    #[must_use]
    pub fn parse(text: &'t str) -> Self {
        let (essence, parameters) = text.split_once(';').unwrap_or((text, ""));
        Self { essence: essence.trim(), parameters }
    }

    /// The value of a parameter, without quotes.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&'t str> {
        self.values(name).next()
    }

    /// Every value that a parameter is given, without quotes.
    pub fn values<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'t str> + 's {
        let pairs = self.parameters.split(';').filter_map(|part| part.split_once('='));
        let found = pairs.filter(move |(key, _)| key.trim().eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim().trim_matches('"'))
    }

    /// The encoding that it names; `None` where none is, or where the text is not UTF-8.
    #[must_use]
    pub fn encoding(&self) -> Option<&'static Encoding> {
        let is_utf8 = self.values("charset").all(|charset| charset.eq_ignore_ascii_case("utf-8"));
        let essence = self.essence.to_ascii_lowercase();
        let is_named = |encoding: &&&Encoding| encoding.media_types.contains(&essence.as_str());
        let has_suffix = |encoding: &&&Encoding| {
            let suffix = encoding.suffix.filter(|_| essence.starts_with("application/"));
            suffix.is_some_and(|suffix| essence.ends_with(suffix))
        };
        let found = ENCODINGS.iter().find(is_named).or_else(|| ENCODINGS.iter().find(has_suffix));
        found.copied().filter(|_| is_utf8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types_name_their_encoding() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(MediaType::parse(text).encoding().map(|encoding| encoding.name), expected, "{text}");
        };
        check("application/json", Some("json"));
        check("Application/JSON; charset=UTF-8", Some("json"));
        check("application/problem+json", Some("json"));
        check("application/soap+xml", Some("xml"));
        check("text/xml; charset=\"utf-8\"", Some("xml"));
        check("application/vnd.apache.avro", Some("avro"));
        check("application/x-protobuf; messageType=shop.Order", Some("protobuf"));
        check("text/csv; header=present", Some("csv"));
        check("application/json; charset=latin1", None);
        check("application/json; charset=utf-8; charset=latin1", None);
        check("text/json", None);
        check("image/svg+json", None);
        check("", None);
    }

    #[test]
    fn no_two_encodings_have_a_name_or_a_media_type_in_common() {
        let mut seen = std::collections::HashSet::new();
        for encoding in ENCODINGS {
            assert!(seen.insert(encoding.name), "{}", encoding.name);
            assert!(encoding.media_types.iter().all(|it| seen.insert(it)), "{}", encoding.name);
            assert_eq!(of_name(encoding.name), Some(*encoding));
            assert_eq!(OF_MESSAGES.contains(&encoding.name), **encoding != CSV, "{}", encoding.name);
        }
    }
}
