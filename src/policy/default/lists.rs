//! The lists of blocked and allowed domains.
//!
//! Lists of a hundred thousand entries are common (ad blocking), so that entries are looked up and
//! never gone through.

use std::collections::HashSet;

use crate::domain::{self, LOCAL};

/// A list of domains as a user wrote it, ready to be looked up.
#[derive(Debug, Clone, Default)]
pub(super) struct DomainList {
    entries: HashSet<Box<str>, foldhash::fast::RandomState>,
}

impl DomainList {
    pub(super) fn new<D: AsRef<str>>(domains: impl IntoIterator<Item = D>) -> Self {
        let entries = domains
            .into_iter()
            .map(|entry| canonical(entry.as_ref()).into())
            .collect();
        Self { entries }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(AsRef::as_ref)
    }

    /// Whether the stored `domain` is on the list, with or without its leading dot, or below an
    /// entry.
    #[inline]
    pub(super) fn blocks(&self, domain: &str) -> bool {
        !self.entries.is_empty()
            && (self.entries.contains(domain::undotted(domain)) || self.allows(domain))
    }

    /// Whether the stored `domain` is on the list as it is, or below an entry. A host without dots
    /// is looked up under its effective name, too.
    pub(super) fn allows(&self, domain: &str) -> bool {
        self.entries.contains(domain)
            || self.has_above(domain)
            || (domain::is_dotless(domain) && self.allows(&[domain, LOCAL].concat()))
    }

    /// Whether an entry with a leading dot is `domain` or above it. An IP address has nothing above
    /// it.
    fn has_above(&self, domain: &str) -> bool {
        !domain::is_ip_address(domain)
            && domain
                .match_indices('.')
                .any(|(dot, _)| self.entries.contains(&domain[dot..]))
    }
}

fn canonical(entry: &str) -> String {
    let bare = domain::undotted(entry);
    let dot = &entry[..entry.len() - bare.len()];
    [dot, &domain::canonical_domain(bare.as_bytes())].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_entry_means() {
        // entry, stored domain, blocked, allowed
        let rows = [
            ("ads.com", "ads.com", true, true),
            ("ads.com", ".ads.com", true, false), // the allow list is Python's
            ("ads.com", "x.ads.com", false, false),
            (".ads.com", "ads.com", false, false), // never the host alone
            (".ads.com", ".ads.com", true, true),
            (".ads.com", "x.ads.com", true, true),
            (".ads.com", ".y.x.ads.com", true, true),
            (".ads.com", "badads.com", false, false),
            (".ADS.com", "x.ads.com", true, true),
            (
                ".b\u{fc}cher.example",
                "x.xn--bcher-kva.example",
                true,
                true,
            ),
            ("1.2.3.4", "1.2.3.4", true, true),
            ("1.2.3.4", ".1.2.3.4", true, false),
            (".3.4", "1.2.3.4", false, false), // an address is matched whole
            ("foo", "foo", true, true),
            ("foo.local", "foo", true, true), // the effective host name
            (".local", "foo", true, true),
            (".com", "ads.com", true, true),
        ];
        for (entry, domain, blocked, allowed) in rows {
            let list = DomainList::new([entry]);
            assert_eq!(list.blocks(domain), blocked, "{entry} blocks {domain}");
            assert_eq!(list.allows(domain), allowed, "{entry} allows {domain}");
        }
    }

    #[test]
    fn an_empty_list_has_nothing() {
        assert!(!DomainList::default().blocks("ads.com"));
        assert!(!DomainList::default().allows("ads.com"));
    }
}
