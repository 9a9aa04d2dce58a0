use super::*;

#[test]
fn errors_say_where_and_why() {
    let error = LoadError::at(3, LoadErrorKind::Line(Reason::Expiry));
    assert_eq!(error.to_string(), "line 3: the expiry is no number");
    let error = error.in_file(Path::new("jar/cookies.txt"));
    assert_eq!(
        error.to_string(),
        "jar/cookies.txt: line 3: the expiry is no number"
    );
    assert_eq!((error.line(), error.file().is_some()), (Some(3), true));
}

#[test]
fn the_kind_of_an_io_error_stays() {
    let missing = LoadError::from(io::Error::from(io::ErrorKind::NotFound));
    assert_eq!(io::Error::from(missing).kind(), io::ErrorKind::NotFound);
    let other = LoadError::new(LoadErrorKind::NotThisFormat);
    assert_eq!(io::Error::from(other).kind(), io::ErrorKind::InvalidData);
    let nameless = io::Error::from(SaveError::from(MissingFilename));
    assert_eq!(nameless.kind(), io::ErrorKind::InvalidInput);
}
