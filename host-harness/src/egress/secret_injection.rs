//! Secret injection: puts secrets in place of their placeholders in a request's head.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use http::header::{ACCEPT_ENCODING, AUTHORIZATION, IF_RANGE, RANGE};
use http::{HeaderMap, HeaderValue, Method, Uri};
use zeroize::Zeroizing;

use crate::secrets::placeholder::{LENGTH, Placeholder, Placeholders};
use crate::{Denial, Origin, SecretPlace};

/// The longest header with secrets, in bytes: a few placeholders must not grow to gigabytes.
const LONGEST_HEADER: usize = 64 << 10;

/// Base64 as in RFC 7617, with or without padding.
const BASIC: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Replaces placeholders in the values of headers by their secrets, also inside `Authorization: Basic` (RFC 7617).
/// Denies a placeholder anywhere else, and one whose secret may not go to this origin.
pub(super) fn swap(
    placeholders: &Placeholders,
    origin: &Origin,
    uri: &Uri,
    headers: &mut HeaderMap,
) -> Result<(), Denial> {
    if let Some((_, placeholder)) = placeholders.find(uri.to_string().as_bytes()) {
        return Err(misplaced(placeholder, SecretPlace::Url, origin));
    }
    let mut swapped = false;
    for (name, value) in headers.iter_mut() {
        if let Some((_, placeholder)) = placeholders.find(name.as_str().as_bytes()) {
            return Err(misplaced(placeholder, SecretPlace::HeaderName, origin));
        }
        let filled = match fill(placeholders, origin, value.as_bytes())? {
            None if *name == AUTHORIZATION => fill_basic(placeholders, origin, value.as_bytes())?,
            filled => filled,
        };
        if let Some((filled, placeholder)) = filled {
            *value = HeaderValue::from_bytes(&filled).map_err(|_| unfit(placeholder, origin))?;
            value.set_sensitive(true);
            swapped = true;
        }
    }
    // The response must not be compressed, or an echoed secret could not be found in it.
    if swapped {
        if headers.contains_key(ACCEPT_ENCODING) {
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        }
        // Nor partial: half a secret would not be found. A server may ignore these fields (RFC 9110, section 14.2).
        headers.remove(RANGE);
        headers.remove(IF_RANGE);
    }
    Ok(())
}

/// Denies a placeholder in a request's method.
pub(super) fn check_method(placeholders: &Placeholders, origin: &Origin, method: &Method) -> Result<(), Denial> {
    match placeholders.find(method.as_str().as_bytes()) {
        Some((_, placeholder)) => Err(misplaced(placeholder, SecretPlace::Method, origin)),
        None => Ok(()),
    }
}

/// Denies a placeholder in a request's trailers.
pub(super) fn check_trailers(placeholders: &Placeholders, origin: &Origin, trailers: &HeaderMap) -> Result<(), Denial> {
    let mut texts = trailers.iter().flat_map(|(name, value)| [name.as_str().as_bytes(), value.as_bytes()]);
    match texts.find_map(|text| placeholders.find(text)) {
        Some((_, placeholder)) => Err(misplaced(placeholder, SecretPlace::Trailer, origin)),
        None => Ok(()),
    }
}

pub(super) fn misplaced(placeholder: &Placeholder, place: SecretPlace, origin: &Origin) -> Denial {
    Denial::Secret { name: placeholder.name.clone(), place, origin: origin.clone() }
}

fn unfit(placeholder: &Placeholder, origin: &Origin) -> Denial {
    Denial::UnfitSecret { name: placeholder.name.clone(), origin: origin.clone() }
}

/// A text with secrets injected, and one of its placeholders.
type Filled<'a> = Option<(Zeroizing<Vec<u8>>, &'a Placeholder)>;

/// Injects secrets into a text. None where it has no placeholder.
fn fill<'a>(placeholders: &'a Placeholders, origin: &Origin, text: &[u8]) -> Result<Filled<'a>, Denial> {
    let mut found = Vec::new();
    let (mut from, mut length) = (0, text.len());
    while let Some((at, placeholder)) = placeholders.find(&text[from..]) {
        let secret = &placeholder.secret;
        if !secret.may_go_to(origin) {
            return Err(misplaced(placeholder, SecretPlace::Header, origin));
        }
        length += secret.expose().len();
        if length > LONGEST_HEADER || secret.expose().chars().any(char::is_control) {
            return Err(unfit(placeholder, origin));
        }
        found.push((from + at, placeholder));
        from += at + LENGTH;
    }
    let Some(&(_, first)) = found.first() else { return Ok(None) };
    // At full capacity from the start: growing would leave copies behind that nobody overwrites.
    let mut filled = Zeroizing::new(Vec::with_capacity(length));
    let mut from = 0;
    for (at, placeholder) in found {
        filled.extend_from_slice(&text[from..at]);
        filled.extend_from_slice(placeholder.secret.expose().as_bytes());
        from = at + LENGTH;
    }
    filled.extend_from_slice(&text[from..]);
    Ok(Some((filled, first)))
}

/// Injects secrets inside `Basic base64(user:password)`.
fn fill_basic<'a>(placeholders: &'a Placeholders, origin: &Origin, value: &[u8]) -> Result<Filled<'a>, Denial> {
    let Some((scheme, credentials)) = value.split_at_checked("Basic ".len()) else { return Ok(None) };
    if !scheme.eq_ignore_ascii_case(b"Basic ") {
        return Ok(None);
    }
    let Ok(credentials) = BASIC.decode(credentials.trim_ascii()) else { return Ok(None) };
    let Some((filled, placeholder)) = fill(placeholders, origin, &credentials)? else { return Ok(None) };
    let encoded = Zeroizing::new(BASIC.encode(&*filled));
    Ok(Some((Zeroizing::new([b"Basic ", encoded.as_bytes()].concat()), placeholder)))
}

#[cfg(test)]
mod tests {
    use http::HeaderName;

    use super::*;
    use crate::Secret;

    /// Two secrets, `key` and `secret`; `secret` may go to `https://granted` only.
    fn placeholders(key: &str) -> Placeholders {
        let secret = Secret::new("s3cret!").only_for(["https://granted".parse().unwrap()]);
        let [key, secret] =
            [("key", Secret::new(key)), ("secret", secret)].map(|(name, secret)| Placeholder::new(name, &secret));
        [key.unwrap(), secret.unwrap()].into_iter().collect()
    }

    /// The text with `{key}` and `{secret}` replaced by the placeholders.
    fn with(placeholders: &Placeholders, text: &str) -> String {
        placeholders.iter().fold(text.to_owned(), |text, one| text.replace(&format!("{{{}}}", one.name), &one.text))
    }

    /// The headers that are sent to a URL for these.
    fn sent(key: &str, url: &str, headers: &[(&str, &str)]) -> Result<HeaderMap, String> {
        let placeholders = placeholders(key);
        let uri: Uri = with(&placeholders, url).parse().unwrap();
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name: HeaderName = with(&placeholders, name).parse().unwrap();
            map.append(name, with(&placeholders, value).parse().unwrap());
        }
        let origin = "https://granted".parse().unwrap();
        let origin = Origin::of(&uri).unwrap_or(origin);
        swap(&placeholders, &origin, &uri, &mut map).map_err(|denial| denial.to_string())?;
        Ok(map)
    }

    fn value(headers: &[(&str, &str)]) -> String {
        let map = sent("k3y", "https://granted/path?x=1", headers).unwrap();
        assert!(map.values().all(HeaderValue::is_sensitive));
        map.values().map(|value| value.to_str().unwrap()).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn secrets_stand_where_their_placeholders_stood() {
        assert_eq!(value(&[("authorization", "Bearer {secret}")]), "Bearer s3cret!");
        assert_eq!(value(&[("x-auth", "{key}:{secret},{key}")]), "k3y:s3cret!,k3y");
        assert_eq!(value(&[("x-auth", "{key}"), ("x-auth", "{secret}")]), "k3y|s3cret!");
    }

    #[test]
    fn secrets_stand_inside_basic_credentials() {
        for (scheme, padding) in [("Basic", "=="), ("basic", ""), ("BASIC", "==")] {
            let placeholders = placeholders("k3y");
            let plain = with(&placeholders, "{key}:{secret}+");
            let encoded = BASIC.encode(plain);
            let header = format!("{scheme} {}{padding}", encoded.trim_end_matches('='));
            let mut map = HeaderMap::new();
            map.insert(AUTHORIZATION, header.parse().unwrap());
            let uri = Uri::from_static("https://granted/");
            swap(&placeholders, &"https://granted".parse().unwrap(), &uri, &mut map).unwrap();
            assert_eq!(map[AUTHORIZATION], format!("Basic {}", BASIC.encode("k3y:s3cret!+")));
            assert!(map[AUTHORIZATION].is_sensitive());
        }
    }

    #[test]
    fn a_request_without_a_placeholder_leaves_as_it_is() {
        for (name, value) in [
            ("authorization", "Basic Zm9vOmJhcg"),
            ("authorization", "Basic ?"),
            ("accept-encoding", "gzip"),
            ("a", ""),
        ] {
            let map = sent("k3y", "https://granted/", &[(name, value)]).unwrap();
            assert_eq!(map[name], value);
            assert!(!map[name].is_sensitive());
        }
    }

    #[test]
    fn a_request_with_a_secret_asks_for_an_answer_that_can_be_read() {
        let map = sent("k3y", "https://granted/", &[("accept-encoding", "gzip"), ("x-key", "{key}")]).unwrap();
        assert_eq!(map[ACCEPT_ENCODING], "identity");
    }

    #[test]
    fn a_request_with_a_secret_asks_for_a_whole_answer() {
        let ranges = |key| [("range", "bytes=0-9"), ("if-range", "\"etag\""), ("x-key", key)];
        let map = sent("k3y", "https://granted/", &ranges("{key}")).unwrap();
        assert_eq!(map.keys().collect::<Vec<_>>(), ["x-key"]);
        let map = sent("k3y", "https://granted/", &ranges("none")).unwrap();
        assert_eq!(map[RANGE], "bytes=0-9");
    }

    #[test]
    fn a_placeholder_anywhere_else_denies_the_request() {
        let header: &[_] = &[("x-auth", "{secret}")];
        for (url, headers, reason) in [
            (
                "https://granted/{secret}",
                &[][..],
                "put the secret `secret` into the url of a request to https://granted",
            ),
            ("https://granted/?q={key}", &[], "put the secret `key` into the url of a request to https://granted"),
            (
                "https://granted/",
                &[("x-{key}", "1")],
                "put the secret `key` into the name of a header of a request to https://granted",
            ),
            (
                "https://other/",
                header,
                "put the secret `secret` into a header of a request to https://other, where it may not go",
            ),
            (
                "http://granted/",
                header,
                "put the secret `secret` into a header of a request to http://granted, where it may not go",
            ),
        ] {
            assert_eq!(sent("k3y", url, headers).unwrap_err(), format!("the plugin {reason}"));
        }
        let authority = sent("k3y", "https://{key}.granted/", &[]).unwrap_err();
        assert!(authority.starts_with("the plugin put the secret `key` into the url of a request to "), "{authority}");
    }

    #[test]
    fn basic_credentials_for_another_origin_deny_the_request() {
        let placeholders = placeholders("k3y");
        let mut map = HeaderMap::new();
        let encoded = BASIC.encode(with(&placeholders, ":{secret}"));
        map.insert(AUTHORIZATION, format!("Basic {encoded}").parse().unwrap());
        let (origin, uri) = ("https://other".parse().unwrap(), Uri::from_static("https://other/"));
        let denial = swap(&placeholders, &origin, &uri, &mut map).unwrap_err();
        assert_eq!(denial, Denial::Secret { name: "secret".to_owned(), place: SecretPlace::Header, origin });
    }

    #[test]
    fn a_secret_that_no_header_can_hold_denies_the_request() {
        for key in ["a\r\nx-evil: 1", "a\nb", "a\0", "\u{7f}", &"a".repeat(LONGEST_HEADER)] {
            assert_eq!(
                sent(key, "https://granted/", &[("x-key", "{key}")]).unwrap_err(),
                "the secret `key` cannot be sent to https://granted: \
                 it is too long for a header, or holds a line break or another control character"
            );
        }
    }

    #[test]
    fn a_placeholder_in_a_trailer_is_refused() {
        let placeholders = placeholders("k3y");
        let origin: Origin = "https://granted".parse().unwrap();
        for (name, value) in [("x-{key}", "1"), ("x-sum", "a{key}")] {
            let mut map = HeaderMap::new();
            let name: HeaderName = with(&placeholders, name).parse().unwrap();
            map.insert(name, with(&placeholders, value).parse().unwrap());
            assert_eq!(
                check_trailers(&placeholders, &origin, &map).unwrap_err().to_string(),
                "the plugin put the secret `key` into a trailer of a request to https://granted"
            );
        }
        assert_eq!(check_trailers(&placeholders, &origin, &HeaderMap::new()), Ok(()));
    }
}
