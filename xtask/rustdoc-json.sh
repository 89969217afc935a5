#!/bin/sh
# rustdoc with its JSON, which is not stable yet, let through. Set for cargo as a whole, the variable would rebuild every dependency whose build script looks at it.
RUSTC_BOOTSTRAP=1 exec rustdoc "$@"
