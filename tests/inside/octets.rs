use super::*;

/// Names of all lengths up to three words, with two octets in every pair of places.
fn each_name(mut look: impl FnMut(&[u8])) {
    for len in 0..=3 * EIGHT {
        for octets in [*b"..", *b"./", *b"/.", *b"a.", *b"-.", *b"\xae."] {
            let mut name = vec![b'x'; len];
            look(&name);
            for first in 0..len {
                for second in 0..len {
                    (name[first], name[second]) = (octets[0], octets[1]);
                    look(&name);
                    (name[first], name[second]) = (b'x', b'x');
                }
            }
        }
    }
}

#[test]
fn dots_are_found_wherever_they_stand() {
    each_name(|name| {
        let expected = Dots {
            any: name.contains(&b'.'),
            twins: name.windows(2).any(|pair| pair == b".."),
        };
        assert_eq!(dots(name), expected, "{}", name.escape_ascii());
        let first = name.iter().position(|&byte| byte == b'.');
        assert_eq!(position(name, b'.'), first, "{}", name.escape_ascii());
    });
}

#[test]
fn a_simple_name_has_no_other_octet() {
    let is_simple = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.');
    let is_between = |byte: &u8| matches!(byte, b'-' | b'.');
    let expected = |name: &[u8]| {
        !name.is_empty()
            && name.iter().all(is_simple)
            && !name.windows(2).any(|pair| pair.iter().all(is_between))
    };
    each_name(|name| {
        assert_eq!(
            is_simple_name(name),
            expected(name),
            "{}",
            name.escape_ascii()
        );
    });
    for other in 0..=u8::MAX {
        for at in 0..EIGHT {
            let mut word = *b"az-q.09m";
            word[at] = other;
            assert_eq!(is_simple_name(&word), expected(&word), "{other}");
        }
    }
}

#[test]
fn octets_are_found_whatever_stands_beside_them() {
    for other in 0..=u8::MAX {
        let word = [other, b';', other, b'=', b';', other, other, b';'];
        let semicolons = u64::from_le_bytes([0, 0x80, 0, 0, 0x80, 0, 0, 0x80]);
        assert_eq!(equal(word, b';') & semicolons, semicolons, "{other}");
        let is_semicolon = if other == b';' {
            u64::from_le_bytes([0x80; EIGHT])
        } else {
            semicolons
        };
        let is_semicolon = is_semicolon & !u64::from_le_bytes([0, 0, 0, 0x80, 0, 0, 0, 0]);
        assert_eq!(
            exactly(u64::from_le_bytes(word), b';'),
            is_semicolon,
            "{other}"
        );
    }
}

#[test]
fn a_field_is_plain_if_all_its_octets_are() {
    for len in 0..40 {
        let plain = vec![b'~'; len];
        assert!(is_plain(&plain));
        for (at, other) in (0..len).flat_map(|at| (0..=u8::MAX).map(move |other| (at, other))) {
            let mut field = plain.clone();
            field[at] = other;
            let expected = (b' '..=b'~').contains(&other);
            assert_eq!(is_plain(&field), expected, "{}", field.escape_ascii());
        }
    }
}
