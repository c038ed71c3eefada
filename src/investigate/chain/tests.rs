//! Tests of chains over small lineages.
