"""What a log tells: lines to matches of known texts. Bounded memory, any encoding, no rule known here."""
