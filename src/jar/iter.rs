//! The iterators over the cookies of a jar.

use super::CookieJar;
use crate::cookie::Cookie;

/// The cookies of a jar in order of creation; created by [`CookieJar::iter`].
#[derive(Debug, Clone)]
pub struct Iter<'a>(pub(super) std::vec::IntoIter<&'a Cookie>);

/// The cookies removed from a jar, in order of creation; created by [`CookieJar::drain`] and by iterating over a jar
/// by value.
#[derive(Debug)]
pub struct IntoIter(pub(super) std::vec::IntoIter<Cookie>);

macro_rules! iterate_inner {
    ($([$($lifetime:lifetime)?] $iter:ty => $item:ty;)+) => {$(
        impl<$($lifetime)?> Iterator for $iter {
            type Item = $item;

            fn next(&mut self) -> Option<Self::Item> {
                self.0.next()
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                self.0.size_hint()
            }
        }

        impl<$($lifetime)?> DoubleEndedIterator for $iter {
            fn next_back(&mut self) -> Option<Self::Item> {
                self.0.next_back()
            }
        }

        impl<$($lifetime)?> ExactSizeIterator for $iter {}

        impl<$($lifetime)?> std::iter::FusedIterator for $iter {}
    )+};
}

iterate_inner! {
    ['a] Iter<'a> => &'a Cookie;
    [] IntoIter => Cookie;
}

impl<'a, P> IntoIterator for &'a CookieJar<P> {
    type Item = &'a Cookie;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl<P> IntoIterator for CookieJar<P> {
    type Item = Cookie;
    type IntoIter = IntoIter;

    fn into_iter(mut self) -> IntoIter {
        self.drain()
    }
}
