use super::*;

fn lines(text: &[u8]) -> Vec<(u64, String, bool)> {
    let options = ReadOptions::new();
    let mut lines = Lines::new(text, &options);
    let mut all = Vec::new();
    while let Some(line) = lines.next().expect("a line") {
        let text = String::from_utf8(line.text.to_vec()).expect("UTF-8");
        all.push((line.number, text, line.terminated));
    }
    all
}

#[test]
fn a_line_ends_at_lf_and_at_no_other_octet() {
    let line = |number, text: &str, terminated| (number, text.to_owned(), terminated);
    assert_eq!(
        lines(b"a\nb\r\n\rc\r\r\n\nd\r"),
        [
            line(1, "a", true),
            line(2, "b", true),
            line(3, "\rc\r", true),
            line(4, "", true),
            line(5, "d\r", false)
        ]
    );
    assert_eq!(lines(b"a\rb\r"), [line(1, "a\rb\r", false)]);
    assert_eq!(lines(b"\xef\xbb\xbfa\n"), [line(1, "a", true)]);
    assert_eq!(lines(b"\xef\xbb\xbf"), []);
    assert_eq!(lines(b""), []);
}

#[test]
fn limits_are_kept_to_the_byte() {
    let options = ReadOptions::new().max_line(3).max_bytes(9);
    let all = |text: &[u8]| {
        let mut lines = Lines::new(text, &options);
        let mut all = Vec::new();
        loop {
            match lines.next() {
                Ok(Some(line)) => {
                    let mark = if line.too_long { "..." } else { "" };
                    all.push([str::from_utf8(line.text).expect("UTF-8"), mark].concat());
                }
                Ok(None) => return Ok(all.join("|")),
                Err(error) => return Err(error.to_string()),
            }
        }
    };
    let shown = |text: &str| Ok::<_, String>(text.to_owned());
    assert_eq!(all(b"abc\r\nabc"), shown("abc|abc"));
    assert_eq!(all(b"abc\nab\nab"), shown("abc|ab|ab"));
    assert_eq!(all(b"abcd\r\nabc"), shown("abc...|abc"));
    assert_eq!(all(b"abc\r\r\na"), shown("abc...|a"));
    assert_eq!(all(b"abc\rd\r\na"), shown("abc...|a"));
    assert_eq!(all(b"a\nabcd\nb\n"), shown("a|abc...|b"));
    assert_eq!(all(b"a\nabcdefg"), shown("a|abc..."));
    let too_long = Err("line 3: the file is longer than allowed".to_owned());
    assert_eq!(all(b"abc\nab\nabc"), too_long);
    assert_eq!(all(b"abc\nab\nabcdefghij\n"), too_long);
}

/// A reader that returns a few octets at a time, each time after an interruption.
struct Slow<'t>(&'t [u8], usize, bool);

impl Read for Slow<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.2 = !self.2;
        if self.2 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let len = self.1.min(out.len());
        Read::take(&mut self.0, len as u64).read(out)
    }
}

#[test]
fn lines_do_not_hang_on_how_the_reader_gives_them() {
    let text = b"\xef\xbb\xbfabc\r\n\n\rabcdefghij\nabcdef\r\nabcdef\r\r\nk\r\r\n\nl";
    let options = ReadOptions::new().max_line(6);
    let all = |at_once| {
        let mut lines = Lines::new(Slow(text, at_once, false), &options);
        let mut all = Vec::new();
        while let Some(line) = lines.next().expect("a line") {
            let text = String::from_utf8(line.text.to_vec()).expect("UTF-8");
            let terminated = line.terminated || line.too_long;
            all.push((line.number, text, terminated, line.too_long));
        }
        all
    };
    let at_once = all(text.len());
    assert_eq!(at_once.len(), 8);
    for few in 1..text.len() {
        assert_eq!(all(few), at_once, "{few} octets at a time");
    }
}
