//! The one validating entrance: everything a cookie is made of, checked and packed.
//!
//! Headers, the builder, setters and files all come through [`Fields::pack`]. It knows no request
//! and no policy: it refuses only what no cookie can be.

use std::borrow::Cow;
use std::sync::atomic::AtomicU32;

use smallvec::SmallVec;

use super::text::{self, Entry, Octets, Packed};
use super::{Cookie, Ends, Flags, NEVER, SameSite, UNKNOWN};
use crate::domain;
use crate::header::is_word;
use crate::rejection::Rejection;

pub(crate) type Bytes<'a> = Cow<'a, [u8]>;

/// A cookie in its parts, as bytes.
#[derive(Debug, Clone)]
pub(crate) struct Fields<'a> {
    pub(crate) name: Bytes<'a>,
    pub(crate) value: Option<Bytes<'a>>,
    /// The domain without its leading dot.
    pub(crate) domain: Cow<'a, str>,
    /// Whether the domain has a leading dot: it came with a `Domain` attribute.
    pub(crate) dotted: bool,
    pub(crate) path: Bytes<'a>,
    pub(crate) port: Option<Bytes<'a>>,
    pub(crate) comment: Option<Bytes<'a>>,
    pub(crate) comment_url: Option<Bytes<'a>>,
    pub(crate) partition: Option<Bytes<'a>>,
    pub(crate) attributes: SmallVec<[(Bytes<'a>, Option<Bytes<'a>>); 4]>,
    pub(crate) version: u32,
    /// `DISCARD`, `SECURE` and the other flags that are not derived from the text.
    pub(crate) flags: Flags,
    pub(crate) expires: i64,
    pub(crate) created: i64,
    pub(crate) last_access: u32,
    /// Whether all parts are known to be printable ASCII, blanks and tabs, so that none has to be looked
    /// at again.
    pub(crate) plain: bool,
}

impl Default for Fields<'_> {
    fn default() -> Self {
        Self {
            name: Cow::Borrowed(b""),
            value: None,
            domain: Cow::Borrowed(""),
            dotted: false,
            path: Cow::Borrowed(b"/"),
            port: None,
            comment: None,
            comment_url: None,
            partition: None,
            attributes: SmallVec::new(),
            version: 0,
            flags: Flags::NONE,
            expires: NEVER,
            created: UNKNOWN,
            last_access: 0,
            plain: false,
        }
    }
}

impl Fields<'_> {
    /// Checks all parts and makes a cookie of them.
    pub(crate) fn pack(&self) -> Result<Cookie, Rejection> {
        self.check_shape()?;
        let octets = if self.plain {
            Octets::Plain
        } else {
            self.octets()
        };
        if octets == Octets::Forbidden {
            return Err(Rejection::ForbiddenOctet);
        }
        let mut flags = self.flags & Flags::GIVEN;
        flags.set(
            Flags::CONTROL,
            octets == Octets::Control || self.flags.has(Flags::CONTROL),
        );
        flags.set(Flags::HAS_VALUE, self.value.is_some());
        flags.set(Flags::HAS_PARTITION, self.partition.is_some());
        flags.set(Flags::HAS_PORT, self.port.is_some());
        self.derive_from_attributes(&mut flags);
        flags.set(
            Flags::DISCARD,
            self.flags.has(Flags::DISCARD) || self.expires == NEVER,
        );

        let mut text = Packed::with_capacity(self.len(), self.plain);
        flags.set(Flags::NAME_LATIN1, text.push(&self.name));
        let name = text.end()?;
        if let Some(value) = &self.value {
            if !self.name.is_empty() {
                text.push_mark(b'=');
            }
            flags.set(Flags::VALUE_LATIN1, text.push(value));
        }
        let value = text.end()?;
        if self.dotted {
            text.push_mark(b'.');
        }
        text.push(self.domain.as_bytes());
        let domain = text.end()?;
        flags.set(Flags::PATH_LATIN1, text.push(&self.path));
        let path = text.end()?;
        self.push_entries(&mut text);
        text.end()?;

        Ok(Cookie {
            text: text.into_text(),
            ends: Ends {
                name,
                value,
                domain,
                path,
            },
            expires: self.expires,
            created: self.created,
            sequence: 0,
            last_access: AtomicU32::new(self.last_access),
            version: self.version,
            flags,
        })
    }

    fn check_shape(&self) -> Result<(), Rejection> {
        if self.name.is_empty() {
            match self.value.as_deref() {
                None => return Err(Rejection::MissingName),
                Some([]) => return Err(Rejection::EmptyPair),
                Some(_) => {}
            }
        }
        if !domain::is_domain_shaped(&self.domain) {
            return Err(Rejection::InvalidDomain);
        }
        if !self.path.starts_with(b"/") {
            return Err(Rejection::InvalidPath);
        }
        Ok(())
    }

    /// The worst octets of all parts.
    fn octets(&self) -> Octets {
        let optional = [
            &self.value,
            &self.port,
            &self.comment,
            &self.comment_url,
            &self.partition,
        ];
        let attributes = self
            .attributes
            .iter()
            .flat_map(|(key, value)| [Some(key), value.as_ref()]);
        [Some(&self.name), Some(&self.path)]
            .into_iter()
            .chain(optional.into_iter().map(Option::as_ref))
            .chain(attributes)
            .flatten()
            .map(|part| Octets::of(part))
            .max()
            .unwrap_or(Octets::Plain)
    }

    /// The length of the packed text, exact where all parts are UTF-8.
    fn len(&self) -> usize {
        let of =
            |part: &Option<Bytes<'_>>, more| part.as_ref().map_or(0, |bytes| bytes.len() + more);
        let singles = [
            &self.port,
            &self.comment,
            &self.comment_url,
            &self.partition,
        ];
        let singles: usize = singles.into_iter().map(|part| of(part, 2)).sum();
        let attributes = self
            .attributes
            .iter()
            .map(|(key, value)| 2 + key.len() + of(value, 1));
        let whole =
            self.name.len() + self.domain.len() + usize::from(self.dotted) + self.path.len();
        whole
            + of(&self.value, usize::from(!self.name.is_empty()))
            + singles
            + attributes.sum::<usize>()
    }

    /// The attributes that are asked for with every request are noted as flags.
    fn derive_from_attributes(&self, flags: &mut Flags) {
        for (key, value) in &self.attributes {
            match key.len() {
                8 if is_word(key, b"HttpOnly") => flags.set(Flags::HTTP_ONLY, true),
                // The last of several counts.
                8 if is_word(key, b"SameSite") => {
                    flags.set_same_site(value.as_deref().and_then(SameSite::of));
                }
                _ => {}
            }
        }
    }

    fn push_entries(&self, text: &mut Packed) {
        if let Some(partition) = &self.partition {
            text.push_partition(partition);
        }
        if let Some(port) = &self.port {
            text.push_port(port);
        }
        if let Some(comment) = &self.comment {
            text.push_comment(comment);
        }
        if let Some(url) = &self.comment_url {
            text.push_comment_url(url);
        }
        for (key, value) in &self.attributes {
            text.push_attribute(key, value.as_deref());
        }
    }
}

impl<'a> From<&'a Cookie> for Fields<'a> {
    fn from(cookie: &'a Cookie) -> Self {
        let mut fields = Self {
            name: cookie.name_part().bytes(),
            value: cookie.value_part().map(text::Part::bytes),
            domain: Cow::Borrowed(domain::undotted(cookie.domain())),
            dotted: cookie.domain_specified(),
            path: cookie.path_part().bytes(),
            version: cookie.version,
            flags: cookie.flags,
            expires: cookie.expires,
            created: cookie.created,
            last_access: cookie.last_access_seconds(),
            ..Self::default()
        };
        for entry in cookie.entries() {
            match entry {
                Entry::Comment(part) => fields.comment = Some(part.bytes()),
                Entry::CommentUrl(part) => fields.comment_url = Some(part.bytes()),
                Entry::Partition(part) => fields.partition = Some(part.bytes()),
                Entry::Port(part) => fields.port = Some(part.bytes()),
                Entry::Attribute(key, value) => {
                    fields
                        .attributes
                        .push((key.bytes(), value.map(text::Part::bytes)));
                }
            }
        }
        fields
    }
}
