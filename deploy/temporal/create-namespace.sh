#!/bin/sh
# Creates the namespace; search attributes, schedules and a longer retention are the product's provisioning.
set -eu
until temporal operator cluster health; do sleep 2; done
temporal operator namespace describe -n "$TEMPORAL_NAMESPACE" || temporal operator namespace create -n "$TEMPORAL_NAMESPACE" --retention 90d
# A new namespace is usable only when every part of the server has heard of it.
until temporal workflow count -n "$TEMPORAL_NAMESPACE"; do sleep 1; done
