"""The variable that every process of a rehearsal has in its environment."""

MARK = "SNAPDOCTOR_REHEARSAL"
