//! The flags of a cookie, in one word.

use super::SameSite;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Flags(u32);

impl Flags {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const DISCARD: Self = Self(1);
    pub(crate) const DOMAIN_INITIAL_DOT: Self = Self(1 << 1);
    pub(crate) const PATH_SPECIFIED: Self = Self(1 << 2);
    pub(crate) const PORT_SPECIFIED: Self = Self(1 << 3);
    pub(crate) const RFC2109: Self = Self(1 << 4);
    pub(crate) const SECURE: Self = Self(1 << 5);
    /// All of the flags above, which are set explicitly; those below are derived from the text.
    pub(crate) const GIVEN: Self = Self((1 << 6) - 1);
    pub(crate) const CONTROL: Self = Self(1 << 6);
    pub(super) const HAS_VALUE: Self = Self(1 << 7);
    pub(super) const NAME_LATIN1: Self = Self(1 << 8);
    pub(super) const VALUE_LATIN1: Self = Self(1 << 9);
    pub(super) const PATH_LATIN1: Self = Self(1 << 10);
    /// Set if the text has a port, which almost no cookie has: without it nothing after the path is searched.
    pub(super) const HAS_PORT: Self = Self(1 << 11);
    pub(super) const HAS_PARTITION: Self = Self(1 << 12);
    pub(super) const HTTP_ONLY: Self = Self(1 << 13);
    /// Together, the next two mean `SameSite=None`.
    const SAME_SITE_LAX: Self = Self(1 << 14);
    const SAME_SITE_STRICT: Self = Self(1 << 15);
    pub(super) const PARTITIONED: Self = Self(1 << 16);

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    #[inline]
    pub(crate) fn has(self, flag: Self) -> bool {
        self.0 & flag.0 != 0
    }

    pub(crate) fn set(&mut self, flag: Self, yes: bool) {
        if yes {
            self.0 |= flag.0;
        } else {
            self.0 &= !flag.0;
        }
    }

    pub(super) fn same_site(self) -> Option<SameSite> {
        match (
            self.has(Self::SAME_SITE_LAX),
            self.has(Self::SAME_SITE_STRICT),
        ) {
            (false, false) => None,
            (true, false) => Some(SameSite::Lax),
            (false, true) => Some(SameSite::Strict),
            (true, true) => Some(SameSite::None),
        }
    }

    pub(super) fn set_same_site(&mut self, same_site: Option<SameSite>) {
        let is = |one| same_site == Some(one) || same_site == Some(SameSite::None);
        self.set(Self::SAME_SITE_LAX, is(SameSite::Lax));
        self.set(Self::SAME_SITE_STRICT, is(SameSite::Strict));
    }
}

impl std::ops::BitAnd for Flags {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}
