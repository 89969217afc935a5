//! The allocator, the panic handler and the canonical ABI's `realloc` of a component without `std`.
//!
//! Without `std` a component is half as large and imports nothing that it does not use: no files, no sockets, no
//! environment.

use alloc::alloc::{alloc, realloc};
use core::alloc::Layout;
use core::fmt::Write;
use core::panic::PanicInfo;

use dlmalloc::GlobalDlmalloc;
use wasi::cli::stderr::{OutputStream, get_stderr};

#[global_allocator]
static ALLOCATOR: GlobalDlmalloc = GlobalDlmalloc;

// For memcpy and its kin.
#[link(name = "c")]
unsafe extern "C" {}

/// The canonical ABI's `realloc`, which makes room for arguments and results. The host passes a power of two as `align`, and
/// as `old` either null with a length of 0 or what this function returned for that length.
#[unsafe(no_mangle)]
unsafe extern "C" fn cabi_realloc(old: *mut u8, old_len: usize, align: usize, new_len: usize) -> *mut u8 {
    if new_len == 0 {
        return core::ptr::without_provenance_mut(align);
    }
    // SAFETY: what the host promises is what the layouts and the allocator ask for; `new_len` is not 0.
    let new = unsafe {
        match old_len {
            0 => alloc(Layout::from_size_align_unchecked(new_len, align)),
            _ => realloc(old, Layout::from_size_align_unchecked(old_len, align), new_len),
        }
    };
    assert!(!new.is_null(), "out of memory");
    new
}

/// The panic handler: writes the place and the message to stderr, and traps.
#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    let _ = writeln!(Stderr(get_stderr()), "{info}");
    core::arch::wasm32::unreachable()
}

struct Stderr(OutputStream);

impl Write for Stderr {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        // One call takes at most 4096 bytes.
        for chunk in text.as_bytes().chunks(4096) {
            self.0.blocking_write_and_flush(chunk).map_err(|_| core::fmt::Error)?;
        }
        Ok(())
    }
}
