//! The macro that generates the methods of options.
//!
//! It knows no option. A type has private fields and its own constructor; its methods are rows of this form:
//!
//! ```text
//! /// Sets ... Defaults to ...
//! name, get get_name, set set_name: type => field;
//! ```
//!
//! `name` sets the option by value, `get_name` returns it (borrowed if the type is written `&type`), and
//! `set_name` changes it in place, for options of something in use. A row without `get` or `set` generates no
//! such method. A row without `=>` uses the field of its own name.

macro_rules! options {
    (@option $docs:tt $name:ident $get:tt $set:tt $type:tt []) => {
        options!(@option $docs $name $get $set $type [$name]);
    };
    (@option [$($docs:tt)+] $name:ident $get:tt $set:tt [$type:ty] $field:tt) => {
        $($docs)+
        #[must_use]
        pub fn $name(mut self, $name: $type) -> Self {
            options!(@field self $field) = $name;
            self
        }

        options!(@get $get $name $type, $field);
        options!(@set $set $name $type, $field);
    };

    (@get [$(&)?] $name:ident $type:ty, $field:tt) => {};
    (@get [$get:ident] $name:ident $type:ty, $field:tt) => {
        #[doc = concat!("What [`", stringify!($name), "`](Self::", stringify!($name), ") is set to.")]
        #[inline]
        #[must_use]
        pub fn $get(&self) -> $type {
            options!(@field self $field)
        }
    };
    (@get [& $get:ident] $name:ident $type:ty, $field:tt) => {
        #[doc = concat!("What [`", stringify!($name), "`](Self::", stringify!($name), ") is set to.")]
        #[inline]
        #[must_use]
        pub fn $get(&self) -> &$type {
            &options!(@field self $field)
        }
    };

    (@set [] $name:ident $type:ty, $field:tt) => {};
    (@set [$set:ident] $name:ident $type:ty, $field:tt) => {
        #[doc = concat!("Changes [`", stringify!($name), "`](Self::", stringify!($name), ").")]
        pub fn $set(&mut self, $name: $type) {
            options!(@field self $field) = $name;
        }
    };

    (@field $self:ident [$($field:ident).+]) => {
        $self.$($field).+
    };

    () => {};
    (
        $(#[$doc:meta])+
        $name:ident $(, get $get:ident)? $(, set $set:ident)?: &$type:ty $(=> $($field:ident).+)?;
        $($rows:tt)*
    ) => {
        options!(@option [$(#[$doc])+] $name [&$($get)?] [$($set)?] [$type] [$($($field).+)?]);
        options!($($rows)*);
    };
    (
        $(#[$doc:meta])+
        $name:ident $(, get $get:ident)? $(, set $set:ident)?: $type:ty $(=> $($field:ident).+)?;
        $($rows:tt)*
    ) => {
        options!(@option [$(#[$doc])+] $name [$($get)?] [$($set)?] [$type] [$($($field).+)?]);
        options!($($rows)*);
    };
}

pub(crate) use options;
