//! Memory blocks of replaced cookies, for the texts of later ones.
//!
//! Most responses of real sites set cookies that the jar already has. Each thread keeps a few
//! blocks, so such a response does not allocate (bench `response`).

use std::cell::RefCell;

/// The number of blocks that a thread keeps. Few responses have more cookies.
const KEPT: usize = 8;

/// The longest block that is kept.
const LONGEST: usize = 1_024;

/// The number of bytes by which a block may be longer than its text.
const SLACK: usize = 32;

thread_local! {
    /// Oldest first: a response usually has its cookies in the order of the previous one.
    static SPARES: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// Returns an empty block for a text of `len` bytes: a kept one that is long enough but not much
/// too long, or else a new one.
pub(super) fn take(len: usize) -> Vec<u8> {
    let kept = SPARES.try_with(|spares| {
        let mut spares = spares.borrow_mut();
        let fits = |block: &Vec<u8>| block.capacity().wrapping_sub(len) <= SLACK;
        let place = spares.iter().position(fits)?;
        Some(spares.remove(place))
    });
    match kept {
        Ok(Some(block)) => block,
        _ => Vec::with_capacity(len),
    }
}

/// Converts a block to a text. If the block is a little longer than what was written, NULs follow.
pub(super) fn fill(mut block: Vec<u8>) -> Box<str> {
    if block.capacity() - block.len() <= SLACK {
        block.resize(block.capacity(), 0);
    }
    let text = String::from_utf8(block).expect("each part was pushed as UTF-8");
    text.into_boxed_str()
}

/// Keeps the block of a text that is not needed any more, if necessary instead of the oldest one.
pub(super) fn keep(text: Box<str>) {
    if text.len() > LONGEST {
        return;
    }
    // A thread that is ending keeps nothing.
    let _ = SPARES.try_with(|spares| {
        let mut spares = spares.borrow_mut();
        if spares.len() == KEPT {
            spares.remove(0);
        }
        let mut block = String::from(text).into_bytes();
        block.clear();
        spares.push(block);
    });
}
