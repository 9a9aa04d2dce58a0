//! The two methods that each flag of a policy has.

/// A flag's two methods: one to build with, one to change by.
macro_rules! flags {
    ($($(#[doc = $doc:literal])+ $flag:ident, $set_flag:ident: $type:ty => $($place:ident).+;)+) => {$(
        $(#[doc = $doc])+
        #[must_use]
        pub fn $flag(mut self, $flag: $type) -> Self {
            self.$set_flag($flag);
            self
        }

        #[doc = concat!("Changes [`", stringify!($flag), "`](Self::", stringify!($flag), ").")]
        pub fn $set_flag(&mut self, $flag: $type) {
            self.$($place).+ = $flag;
        }
    )+};
}

pub(super) use flags;
