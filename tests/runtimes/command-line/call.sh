#!/bin/sh
# One call of the plugin: call.sh CALL, such as 'poll([…], […], "…")' in WAVE. The component lies in $PLUGIN.
exec timeout 10 wasmtime run -S http --invoke "$1" "$PLUGIN"
