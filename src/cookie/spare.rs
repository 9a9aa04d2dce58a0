//! Memory of replaced cookies, reused for the texts of new ones.
//!
//! Most responses of real sites set cookies that already exist. Each thread keeps a few blocks, so that such a
//! response allocates nothing (bench `response`).

use std::cell::RefCell;

/// The maximum number of blocks that a thread keeps. Few responses have more cookies.
const KEPT: usize = 8;

const LONGEST: usize = 1_024;

const SLACK: usize = 32;

thread_local! {
    /// In order of arrival: a response tends to list its cookies in the order of the previous one.
    static SPARES: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// Returns an empty block for a text of `len` bytes: a kept one that is long enough and not much too long, or else a
/// new one.
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

/// Turns a block into a text, padded at the end if the block is slightly longer.
pub(super) fn fill(mut block: Vec<u8>) -> Box<str> {
    if block.capacity() - block.len() <= SLACK {
        block.resize(block.capacity(), 0);
    }
    let text = String::from_utf8(block).expect("each part was pushed as UTF-8");
    text.into_boxed_str()
}

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
