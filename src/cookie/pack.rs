//! The validating entrance: checks all parts of a cookie and packs them.
//!
//! It knows no request and no policy: it rejects only what cannot be a cookie.

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::atomic::AtomicU32;

use memchr::memchr;
use smallvec::SmallVec;

use super::packed::{self, Entry, Octets, Packed};
use super::{Cookie, Ends, Flags, NEVER, SameSite, UNKNOWN};
use crate::domain::{self, Domain};
use crate::octets::{Class, is_blank, is_word, trim};
use crate::path;
use crate::rejection::Rejection;

pub(crate) type Bytes<'a> = Cow<'a, [u8]>;

#[derive(Clone)]
pub(crate) struct Fields<'a> {
    pub(crate) name: Bytes<'a>,
    pub(crate) value: Option<Bytes<'a>>,
    pub(crate) domain: Domain<'a>,
    pub(crate) dotted: bool,
    pub(crate) path: Bytes<'a>,
    pub(crate) rare: Option<Box<Rare<'a>>>,
    pub(crate) attributes: SmallVec<[(Bytes<'a>, Option<Bytes<'a>>); 4]>,
    pub(crate) version: u32,
    /// `DISCARD`, `SECURE` and the other flags that do not follow from the text.
    pub(crate) flags: Flags,
    pub(crate) expires: i64,
    pub(crate) created: i64,
    pub(crate) last_access: u32,
}

#[derive(Clone, Default)]
pub(crate) struct Rare<'a> {
    pub(crate) port: Option<Bytes<'a>>,
    pub(crate) comment: Option<Bytes<'a>>,
    pub(crate) comment_url: Option<Bytes<'a>>,
    pub(crate) partition: Option<Bytes<'a>>,
}

impl Default for Fields<'_> {
    #[inline]
    fn default() -> Self {
        Self {
            name: Cow::Borrowed(b""),
            value: None,
            domain: Domain::Missing,
            dotted: false,
            path: Cow::Borrowed(b"/"),
            rare: None,
            attributes: SmallVec::new(),
            version: 0,
            flags: Flags::NONE,
            expires: NEVER,
            created: UNKNOWN,
            last_access: 0,
        }
    }
}

impl<'a> Fields<'a> {
    pub(crate) fn rare(&mut self) -> &mut Rare<'a> {
        self.rare.get_or_insert_default()
    }
}

impl Fields<'_> {
    pub(crate) fn pack(&self) -> Result<Cookie, Rejection> {
        let parts = Parts {
            name: &self.name,
            value: self.value.as_deref(),
            domain: &self.domain,
            dotted: self.dotted,
            path: &self.path,
            escapes_path: false,
            rare: self.rare.as_deref(),
            version: self.version,
            flags: self.flags,
            expires: self.expires,
            created: self.created,
            last_access: self.last_access,
            class: self.class(),
            split: false,
        };
        parts.pack(self.attributes())
    }

    fn attributes(&self) -> impl Iterator<Item = (&[u8], Option<&[u8]>)> + Clone {
        let attributes = self.attributes.iter();
        attributes.map(|(key, value)| (&**key, value.as_deref()))
    }

    /// Nearly all cookies are plain, and their parts need not be checked one by one.
    fn class(&self) -> Class {
        let attributes = self.attributes().flat_map(|(key, text)| [Some(key), text]);
        let parts = [Some(&*self.name), self.value.as_deref(), Some(&*self.path)];
        let mut parts = parts.into_iter().chain(attributes).flatten();
        if self.rare.is_none() && parts.all(|part| Class::from_bytes(part) == Class::Plain) {
            Class::Plain
        } else {
            Class::Any
        }
    }
}

pub(crate) struct Parts<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) value: Option<&'a [u8]>,
    pub(crate) domain: &'a Domain<'a>,
    pub(crate) dotted: bool,
    pub(crate) path: &'a [u8],
    pub(crate) escapes_path: bool,
    pub(crate) rare: Option<&'a Rare<'a>>,
    pub(crate) version: u32,
    pub(crate) flags: Flags,
    pub(crate) expires: i64,
    pub(crate) created: i64,
    pub(crate) last_access: u32,
    pub(crate) class: Class,
    /// Whether the name and the value were split from a `Set-Cookie` field at every `;` and the first `=`, and
    /// trimmed, so that they need not be searched for these octets again.
    pub(crate) split: bool,
}

impl Parts<'_> {
    /// Passes over the attributes several times, so that they can be too numerous to keep.
    #[inline]
    pub(crate) fn pack<'t, V: Deref<Target = [u8]>>(
        &self,
        attributes: impl Iterator<Item = (&'t [u8], Option<V>)> + Clone,
    ) -> Result<Cookie, Rejection> {
        let domain = self.check_shape()?;
        let octets = match self.class {
            Class::Plain | Class::Text => Octets::Plain,
            Class::Any => self.octets(attributes.clone()),
        };
        let mut flags = self.packed_flags(octets)?;
        let is_plain = self.class == Class::Plain;
        let mut len = self.len(domain);
        for (key, value) in attributes.clone() {
            len += Packed::attribute_len(key, value.as_deref(), is_plain);
        }
        let mut text = Packed::with_capacity(len, is_plain);
        let mut ends = self.push_to(&mut text, domain, &mut flags)?;
        for (key, value) in attributes {
            let value = value.as_deref();
            note_attribute(key, value, &mut flags);
            text.push_attribute(key, value);
        }
        ends.text = text.end()?;
        Ok(Cookie {
            text: text.into_text(),
            ends,
            expires: self.expires,
            created: self.created,
            sequence: 0,
            last_access: AtomicU32::new(self.last_access),
            version: self.version,
            flags,
        })
    }

    #[inline]
    fn packed_flags(&self, octets: Octets) -> Result<Flags, Rejection> {
        if octets == Octets::Forbidden {
            return Err(Rejection::ForbiddenOctet);
        }
        let mut flags = self.flags & Flags::GIVEN;
        let has = |flag| self.flags.has(flag);
        flags.set(
            Flags::CONTROL,
            octets == Octets::Control || has(Flags::CONTROL),
        );
        flags.set(Flags::HAS_VALUE, self.value.is_some());
        flags.set(Flags::DISCARD, has(Flags::DISCARD) || self.expires == NEVER);
        Ok(flags)
    }

    #[inline]
    fn push_to(
        &self,
        text: &mut Packed,
        domain: &str,
        flags: &mut Flags,
    ) -> Result<Ends, Rejection> {
        flags.set(Flags::NAME_LATIN1, text.push(self.name));
        let name = text.end()?;
        if let Some(value) = self.value {
            if !self.name.is_empty() {
                text.push_mark(b'=');
            }
            flags.set(Flags::VALUE_LATIN1, text.push(value));
        }
        let value = text.end()?;
        if self.dotted {
            text.push_mark(b'.');
        }
        text.push(domain.as_bytes());
        let domain = text.end()?;
        if self.escapes_path {
            path::each_escaped(self.path, |octet| text.push_mark(octet));
        } else {
            flags.set(Flags::PATH_LATIN1, text.push(self.path));
        }
        let path = text.end()?;
        if let Some(rare) = self.rare {
            rare.push_to(text, flags);
        }
        Ok(Ends {
            name,
            value,
            domain,
            path,
            text: path,
        })
    }

    #[inline]
    fn check_shape(&self) -> Result<&str, Rejection> {
        if self.name.is_empty() {
            check_nameless(self.value)?;
        } else if !self.split {
            check_name(self.name, self.version)?;
            check_value(self.value, self.version)?;
        }
        let domain = self.domain.name()?;
        if !self.path.starts_with(b"/") {
            return Err(Rejection::InvalidPath);
        }
        Ok(domain)
    }

    #[cold]
    fn octets<'t, V: Deref<Target = [u8]>>(
        &self,
        attributes: impl Iterator<Item = (&'t [u8], Option<V>)>,
    ) -> Octets {
        let rare = self.rare.into_iter().flat_map(Rare::parts).flatten();
        let parts = [Some(self.name), self.value, Some(self.path)];
        let parts = parts.into_iter().flatten().chain(rare.map(|part| &**part));
        let worst = parts.map(Octets::from_bytes).max();
        let of_attributes = attributes.map(|(key, value)| {
            let value = value.as_deref().unwrap_or_default();
            Octets::from_bytes(key).max(Octets::from_bytes(value))
        });
        of_attributes.fold(worst.unwrap_or(Octets::Plain), Octets::max)
    }

    #[inline]
    fn len(&self, domain: &str) -> usize {
        let is_plain = self.class == Class::Plain;
        let len = |part: &[u8]| Packed::part_len(part, is_plain);
        let equals = usize::from(self.value.is_some() && !self.name.is_empty());
        let domain = domain.len() + usize::from(self.dotted);
        let rare = self.rare.map_or(0, Rare::len);
        let escaped = self.escapes_path.then(|| path::escaped_len(self.path));
        let path = escaped.unwrap_or_else(|| len(self.path));
        len(self.name) + equals + self.value.map_or(0, len) + domain + path + rare
    }
}

/// A value without a name is sent alone. If it looked like a pair it would be mistaken for another cookie, and if it
/// began like a prefixed name it would pass for a prefixed cookie (RFC 6265bis, section 5.7, steps 2 and 22; step 1
/// allows rejecting the pair, as browsers do; the layered cookies draft adds `__Http-`, section 5.4.3).
fn check_nameless(value: Option<&[u8]>) -> Result<(), Rejection> {
    const PREFIXES: [&[u8]; 3] = [b"__Secure-", b"__Host-", b"__Http-"];
    let value = trim(value.ok_or(Rejection::MissingName)?);
    if value.is_empty() {
        return Err(Rejection::EmptyPair);
    }
    if value.contains(&b';') {
        return Err(Rejection::InvalidValue);
    }
    if value.contains(&b'=') {
        return Err(Rejection::NamelessPair);
    }
    let begins_with = |prefix: &&[u8]| {
        let start = value.get(..prefix.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    if PREFIXES.iter().any(begins_with) {
        return Err(Rejection::NamelessPrefix);
    }
    Ok(())
}

/// A name ends at `=` and `;`, and is read without surrounding blanks. Servers that know the version also end it at a
/// comma (RFC 2965, section 3.3.4: `"$Version" "=" value 1*((";" | ",") cookie-value)`).
pub(super) fn check_name(name: &[u8], version: u32) -> Result<(), Rejection> {
    let ends_name = |byte: &u8| match byte {
        b';' | b'=' => true,
        b',' => version > 0,
        _ => false,
    };
    let has_blank_end = [name.first(), name.last()]
        .into_iter()
        .flatten()
        .any(|&byte| is_blank(byte));
    if has_blank_end || name.iter().any(ends_name) {
        return Err(Rejection::InvalidName);
    }
    Ok(())
}
/// A semicolon can be quoted only in a cookie with a version above 0.
fn check_value(value: Option<&[u8]>, version: u32) -> Result<(), Rejection> {
    if version == 0 && value.is_some_and(|value| memchr(b';', value).is_some()) {
        return Err(Rejection::InvalidValue);
    }
    Ok(())
}

#[inline]
fn note_attribute(key: &[u8], value: Option<&[u8]>, flags: &mut Flags) {
    if is_word(key, b"HttpOnly") {
        flags.set(Flags::HTTP_ONLY, true);
    } else if is_word(key, b"SameSite") {
        // The last of several wins.
        flags.set_same_site(value.and_then(SameSite::from_bytes));
    } else if is_word(key, b"Partitioned") {
        flags.set(Flags::PARTITIONED, true);
    }
}

impl<'a> Rare<'a> {
    fn parts(&self) -> [Option<&Bytes<'a>>; 4] {
        let Self {
            port,
            comment,
            comment_url,
            partition,
        } = self;
        [port, comment, comment_url, partition].map(Option::as_ref)
    }

    fn len(&self) -> usize {
        let parts = self.parts().into_iter().flatten();
        parts.map(|part| Packed::part_len(part, false) + 2).sum()
    }

    fn push_to(&self, text: &mut Packed, flags: &mut Flags) {
        flags.set(Flags::HAS_PARTITION, self.partition.is_some());
        flags.set(Flags::HAS_PORT, self.port.is_some());
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
    }
}

impl<'a> From<&'a Cookie> for Fields<'a> {
    fn from(cookie: &'a Cookie) -> Self {
        let mut fields = Self {
            name: cookie.name_part().bytes(),
            value: cookie.value_part().map(packed::Part::bytes),
            domain: Domain::Name(Cow::Borrowed(domain::undotted(cookie.domain()))),
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
                Entry::Comment(part) => fields.rare().comment = Some(part.bytes()),
                Entry::CommentUrl(part) => fields.rare().comment_url = Some(part.bytes()),
                Entry::Partition(part) => fields.rare().partition = Some(part.bytes()),
                Entry::Port(part) => fields.rare().port = Some(part.bytes()),
                Entry::Attribute(key, value) => {
                    fields
                        .attributes
                        .push((key.bytes(), value.map(packed::Part::bytes)));
                }
            }
        }
        fields
    }
}
