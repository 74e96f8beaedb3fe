//! URLs: where an endpoint is, and what is asked of it.

use http::{Uri, uri::Scheme};
use rustls::pki_types::ServerName;
use tenon_errors::{
    Report,
    catalogue::system::{BAD_CLIENT, REQUEST_UNSENDABLE},
};
use tenon_model::Str;

/// The most bytes of a URL: few servers take as many.
const LONGEST: usize = 32 << 10;

/// Where an endpoint is.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// The URL, as reports show it.
    pub(crate) url: Str,
    pub(crate) is_tls: bool,
    /// The name or address, without the brackets of an address of version 6.
    pub(crate) host: Str,
    pub(crate) port: u16,
    /// Scheme, host and, where it is not that of the scheme, port.
    origin: String,
    /// Host and port as the `Host` header has them.
    pub(crate) authority: String,
    /// The base path without `/` at its end.
    base: String,
    /// Path and query as the URL has them.
    whole: String,
}

impl Target {
    /// Where `url` leads.
    ///
    /// # Errors
    /// `Y0410` if it is not one of an HTTP server, or holds a user or password.
    pub(crate) fn of(system: &str, url: &Uri) -> Result<Self, Report> {
        let odd = |why: &str| Report::new(&BAD_CLIENT, format!("the URL of `{system}` {why}"));
        let authority = url.authority().ok_or_else(|| odd("has no host"))?;
        if authority.as_str().contains('@') {
            return Err(odd("holds a user or a password").hint("put them into the credentials of the system"));
        }
        let is_tls = match url.scheme() {
            Some(scheme) if *scheme == Scheme::HTTP => false,
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            other => {
                let found = other.map_or("no scheme".to_owned(), |scheme| format!("the scheme `{scheme}`"));
                return Err(odd(&format!("has {found}, where `http` or `https` is expected")));
            }
        };
        let host = authority.host();
        if host.is_empty() || authority.as_str().ends_with(':') {
            return Err(odd("has no host or no port"));
        }
        let usual = if is_tls { 443 } else { 80 };
        let port = authority.port_u16().unwrap_or(usual);
        let shown = if port == usual { host.to_owned() } else { format!("{host}:{port}") };
        let origin = format!("{}://{shown}", if is_tls { "https" } else { "http" });
        let base = url.path().trim_end_matches('/').to_owned();
        let whole = url.path_and_query().map_or("/", http::uri::PathAndQuery::as_str).to_owned();
        let url = Str::from(format!("{origin}{base}"));
        let host = Str::from(host.trim_start_matches('[').trim_end_matches(']'));
        Ok(Self { url, is_tls, host, port, origin, authority: shown, base, whole })
    }

    /// The name that the server's certificate has to be for.
    ///
    /// # Errors
    /// `Y0410` if it is not one that a certificate can be for.
    pub(crate) fn server_name(&self) -> Result<ServerName<'static>, Report> {
        ServerName::try_from(self.host.to_string()).map_err(|_| {
            let message =
                format!("no certificate can be for `{}`, which is not the name of a host", self.host);
            Report::new(&BAD_CLIENT, message)
        })
    }

    /// The absolute URL of `path` (with its query) below the base path; without a path, the URL of the endpoint itself, with its query and
    /// the `/` at its end if it has them.
    ///
    /// # Errors
    /// `Y0409` if it has characters that belong escaped, or leads out of the base path.
    pub(crate) fn at(&self, path: &str) -> Result<Uri, Report> {
        let shown = path.split('?').next().unwrap_or_default();
        let odd = |why: &str| {
            let message = format!("the path `{}` {why}", tenon_errors::clip(shown, 100));
            Report::new(&REQUEST_UNSENDABLE, message)
        };
        if !(path.is_empty() || path.starts_with(['/', '?'])) {
            return Err(odd("does not begin with `/`"));
        }
        if path.contains('#') {
            return Err(odd("has a `#`, which belongs escaped as `%23`"));
        }
        if shown.split('/').any(is_dots) {
            return Err(odd("has a segment of dots, which leads to another path"));
        }
        if !path.is_empty() && self.whole.contains('?') {
            return Err(odd("cannot be appended to a URL that has a query"));
        }
        let slash = if self.base.is_empty() && !path.starts_with('/') { "/" } else { "" };
        let url = match path.is_empty() {
            true => format!("{}{}", self.origin, self.whole),
            false => format!("{}{}{slash}{path}", self.origin, self.base),
        };
        if url.len() > LONGEST {
            return Err(odd(&format!("makes a URL of more than {LONGEST} bytes with its query")));
        }
        url.parse().map_err(|_| odd("has characters that belong escaped"))
    }

    /// Where `location` leads from `from`, if it is on the same server (RFC 3986, section 5.2).
    pub(crate) fn follow(&self, from: &Uri, location: &str) -> Option<Uri> {
        let location = location.split('#').next().unwrap_or_default();
        let is_absolute = location.split(['/', '?']).next().is_some_and(|first| first.contains(':'));
        let url: Uri = if is_absolute {
            location.parse().ok()?
        } else if location.starts_with("//") {
            format!("{}:{location}", if self.is_tls { "https" } else { "http" }).parse().ok()?
        } else {
            let path = from.path();
            let path = match location.chars().next() {
                None => from.path_and_query()?.to_string(),
                Some('/') => location.to_owned(),
                Some('?') => format!("{path}{location}"),
                Some(_) => format!("{}/{location}", path.rsplit_once('/').map_or("", |(folder, _)| folder)),
            };
            format!("{}{path}", self.origin).parse().ok()?
        };
        let (path, query) = (without_dots(url.path()), url.query());
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        let other = Self::of("", &origin(&url)?).ok()?;
        if other.origin != self.origin {
            return None;
        }
        format!("{}{path}{query}", self.origin).parse().ok()
    }
}

/// Scheme, host and port of a URL.
fn origin(url: &Uri) -> Option<Uri> {
    format!("{}://{}", url.scheme()?, url.authority()?).parse().ok()
}

/// A path without segments that stand for this folder or the one above (RFC 3986, section 5.2.4).
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        match segment {
            "." | ".." => {
                if segment == ".." {
                    kept.pop();
                }
                if is_last {
                    kept.push("");
                }
            }
            segment => kept.push(segment),
        }
    }
    format!("/{}", kept.join("/"))
}

/// Whether a segment of a path stands for this folder or the one above (RFC 3986, section 5.2.4), also escaped.
fn is_dots(segment: &str) -> bool {
    let plain = segment.replace("%2e", ".").replace("%2E", ".");
    plain == "." || plain == ".."
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(url: &str) -> Result<Target, Report> {
        Target::of("erp", &url.parse().unwrap())
    }

    #[test]
    fn paths_are_appended_to_the_base_path() {
        let table = [
            ("http://erp", "/a", "http://erp/a"),
            ("http://erp/", "?q=1", "http://erp/?q=1"),
            ("http://erp", "", "http://erp/"),
            ("https://erp:443/api/", "/a?b", "https://erp/api/a?b"),
            ("https://erp:8443/api", "", "https://erp:8443/api"),
            ("http://[::1]:81", "/a%20b", "http://[::1]:81/a%20b"),
            ("http://erp/soap/", "", "http://erp/soap/"),
            ("http://erp?client=100", "", "http://erp/?client=100"),
            ("http://erp/soap/orders?client=100", "", "http://erp/soap/orders?client=100"),
        ];
        for (base, path, expected) in table {
            assert_eq!(target(base).unwrap().at(path).unwrap().to_string(), expected);
        }
    }

    #[test]
    fn a_path_that_leads_elsewhere_is_refused() {
        let erp = target("http://erp/api").unwrap();
        for path in ["a", "/../admin", "/a/%2e%2E/b", "/.", "/a#b", "/a b", "//x/../y", "@other/"] {
            assert_eq!(erp.at(path).map_err(|report| report.code().id), Err("Y0409"), "{path}");
        }
        assert_eq!(
            target("http://erp/?a=b").unwrap().at("/c").map_err(|report| report.code().id),
            Err("Y0409")
        );
        assert_eq!(erp.at("/..a/...").unwrap().path(), "/api/..a/...");
    }

    #[test]
    fn a_url_that_is_too_long_is_refused() {
        let report = target("http://erp").unwrap().at(&format!("/a?{}", "b".repeat(LONGEST))).unwrap_err();
        assert_eq!(report.code().id, "Y0409");
        assert_eq!(report.message(), "the path `/a` makes a URL of more than 32768 bytes with its query");
    }

    #[test]
    fn a_report_of_a_path_does_not_show_the_query() {
        let report = target("http://erp").unwrap().at("/a b?key=hunter2").unwrap_err();
        assert_eq!(report.message(), "the path `/a b` has characters that belong escaped");
    }

    #[test]
    fn urls_of_other_schemes_or_with_passwords_are_refused() {
        for url in ["ftp://erp", "/a", "http://me:hunter2@erp", "http://erp:"] {
            let report = target(url).unwrap_err();
            assert_eq!(report.code().id, "Y0410", "{url}");
            assert!(!report.message().contains("hunter2"), "{report}");
        }
    }

    #[test]
    fn a_redirect_is_followed_on_the_same_server_alone() {
        let erp = target("https://erp.example/api").unwrap();
        let from = "https://erp.example/api/v1/a?q".parse().unwrap();
        let table = [
            ("/b?c=d#e", Some("https://erp.example/b?c=d")),
            ("b", Some("https://erp.example/api/v1/b")),
            ("../../../b/./c/..", Some("https://erp.example/b/")),
            ("?x", Some("https://erp.example/api/v1/a?x")),
            ("", Some("https://erp.example/api/v1/a?q")),
            ("https://erp.example:443/b", Some("https://erp.example/b")),
            ("//erp.example/b", Some("https://erp.example/b")),
            ("//other.example/b", None),
            ("https://erp.example:8443/b", None),
            ("http://erp.example/b", None),
            ("https://erp.example@other.example/", None),
            ("https://me:x@erp.example/", None),
            ("javascript:alert(1)", None),
            ("/a b", None),
        ];
        for (location, expected) in table {
            let followed = erp.follow(&from, location).map(|url| url.to_string());
            assert_eq!(followed.as_deref(), expected, "{location}");
        }
    }
}
