//! Blocks of memory of cookies that were replaced, for the texts of those to come.
//!
//! Most responses of real sites set the cookies that are there already. Each thread keeps a few blocks, so that
//! such a response asks for no memory (bench `response`).

use std::cell::RefCell;

/// How many blocks a thread keeps. Few responses have more cookies.
const KEPT: usize = 8;

/// No longer block is kept.
const LONGEST: usize = 1_024;

/// How many bytes longer than its text a block may be.
const SLACK: usize = 32;

thread_local! {
    /// In the order in which they came: a response has its cookies in the order of the one before.
    static SPARES: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// Returns an empty block for a text of `len` bytes: one of those kept that is long enough and not much too long,
/// or else a new one.
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

/// Makes a text of what was written into a block, with something behind it where the block is a little longer.
pub(super) fn fill(mut block: Vec<u8>) -> Box<str> {
    if block.capacity() - block.len() <= SLACK {
        block.resize(block.capacity(), 0);
    }
    let text = String::from_utf8(block).expect("each part was pushed as UTF-8");
    text.into_boxed_str()
}

/// Keeps the block of a text that nobody needs any more, in the place of the one that was kept for longest.
pub(super) fn keep(text: Box<str>) {
    if text.len() > LONGEST {
        return;
    }
    // A thread that ends keeps nothing.
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
