//! Where a server is: an origin and a path before all others. A name or password in it is refused, because
//! it would stand in every list and log.

use reqwest::Url;
use std::fmt;

/// The address of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(Url);

impl Address {
    /// Reads it.
    ///
    /// # Errors
    /// What is wrong with it, and what to write instead.
    pub fn parse(text: &str) -> Result<Address, String> {
        let text = text.trim();
        let url = Url::parse(text).map_err(|error| {
            if text.contains("://") {
                format!("not an address: {error}")
            } else {
                format!("an address begins with http:// or https://, as in https://{text}")
            }
        })?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(format!("{}: only http and https are spoken", url.scheme()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(
                "a user or password in an address would stand in lists and logs: leave it out, and give --user \
                with --secret-file, --secret-env, --secret-command or --secret-prompt"
                    .to_owned(),
            );
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err("the address names no host".to_owned());
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err("the address of a server has no ? or # part".to_owned());
        }
        Ok(Address(url))
    }

    /// The address of something below it. Parts of the path are escaped; `..` leads nowhere.
    pub fn below(&self, path: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path.iter().filter(|part| !matches!(**part, "." | "..")));
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// The address of something at its origin, whatever path it has itself. `path` stands as it is written.
    pub fn at_root(&self, path: &str, query: &[(&str, &str)]) -> Url {
        let mut url = self.0.clone();
        url.set_path(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// Its path, without slashes around.
    pub fn path(&self) -> &str {
        self.0.path().trim_matches('/')
    }

    /// Whether something is at the same origin.
    pub fn is_home_of(&self, url: &Url) -> bool {
        same_origin(&self.0, url)
    }

    /// The address itself.
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// `host:port`, or the host alone where the port is the usual one.
    pub fn authority(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        self.0.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// Whether what is sent there can be read on the way.
    pub fn is_plain(&self) -> bool {
        let loopback = matches!(self.0.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        self.0.scheme() == "http" && !loopback
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

/// Whether two addresses are of one origin.
pub(super) fn same_origin(a: &Url, b: &Url) -> bool {
    a.scheme() == b.scheme() && a.host_str() == b.host_str() && a.port_or_known_default() == b.port_or_known_default()
}

/// An address as messages show it: without its query, which may hold what is secret.
pub(super) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    // Both fail only for addresses without a host, which were refused.
    url.set_username("").unwrap_or_default();
    url.set_password(None).unwrap_or_default();
    url.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_an_address_is_refused_and_not_repeated() {
        let refused = Address::parse("https://ci:hunter2@mlflow.example.test/").unwrap_err();
        assert!(refused.contains("--secret-file") && !refused.contains("hunter2"), "{refused}");
        assert!(Address::parse("mlflow.example.test").unwrap_err().contains("https://mlflow.example.test"));
        assert!(Address::parse("ftp://mlflow.example.test").is_err());
    }

    #[test]
    fn what_is_below_keeps_the_prefix_and_escapes_names() {
        let address = Address::parse("http://host:5000/prefix/").unwrap();
        let url = address.below(&["api", "a/b", ".."], &[("q", "x y&z")]);
        assert_eq!(url.as_str(), "http://host:5000/prefix/api/a%2Fb?q=x+y%26z");
        assert_eq!(shown(&url), "http://host:5000/prefix/api/a%2Fb");
        assert_eq!(address.to_string(), "http://host:5000/prefix");
    }
}
