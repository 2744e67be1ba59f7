"""The ledger's tables, and the way to them from those of earlier versions."""

# ruff: noqa: S608 - the statements are made of each other

__all__ = ["SCHEMA", "STEPS", "TABLES"]

TABLES = (
    "files",
    "sources",
    "links",
    "documents",
    "cases",
    "case_images",
    "points",
    "terms",
    "removals",
    "marks",
)
"""Every table that has a column `collection`."""

_ADDED_IN_2 = """
CREATE TABLE sources (
  collection TEXT NOT NULL, source TEXT NOT NULL, key TEXT NOT NULL,
  PRIMARY KEY (collection, source, key)
) WITHOUT ROWID;
CREATE INDEX sources_by_key ON sources (collection, key);
CREATE TABLE links (
  collection TEXT NOT NULL, key TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
  PRIMARY KEY (collection, key, kind, id)
) WITHOUT ROWID;
CREATE INDEX links_by_target ON links (collection, kind, id);
CREATE TABLE case_images (
  collection TEXT NOT NULL, case_id TEXT NOT NULL, digest TEXT NOT NULL, frame INTEGER NOT NULL,
  PRIMARY KEY (collection, case_id, digest, frame)
) WITHOUT ROWID;
CREATE INDEX case_images_by_digest ON case_images (digest);
CREATE INDEX documents_by_id ON documents (id);
CREATE INDEX cases_by_patient ON cases (collection, patient);
"""

SCHEMA = f"""
CREATE TABLE collections (name TEXT PRIMARY KEY, record TEXT NOT NULL);
CREATE TABLE files (
  collection TEXT NOT NULL, key TEXT NOT NULL, kind TEXT, instance TEXT, content TEXT,
  state TEXT NOT NULL, code TEXT, message TEXT, changed TEXT, PRIMARY KEY (collection, key)
) WITHOUT ROWID;
CREATE INDEX files_by_instance ON files (collection, instance);
CREATE INDEX files_by_state ON files (collection, state, key);
CREATE TABLE documents (
  collection TEXT NOT NULL, id TEXT NOT NULL, digest TEXT NOT NULL, meta TEXT NOT NULL,
  text TEXT NOT NULL, layout BLOB, stored TEXT, PRIMARY KEY (collection, id)
);
CREATE TABLE cases (
  collection TEXT NOT NULL, id TEXT NOT NULL, digest TEXT NOT NULL, record TEXT NOT NULL,
  patient TEXT, stored TEXT, PRIMARY KEY (collection, id)
);
CREATE TABLE points (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, collection TEXT NOT NULL, id TEXT NOT NULL,
  owner TEXT NOT NULL, kind TEXT NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL,
  payload TEXT NOT NULL, text BLOB, image BLOB, terms BLOB, weights BLOB, UNIQUE (collection, id)
);
CREATE INDEX points_by_owner ON points (collection, owner);
CREATE INDEX points_by_seq ON points (collection, seq);
CREATE TABLE terms (
  collection TEXT NOT NULL, term INTEGER NOT NULL, df INTEGER NOT NULL,
  PRIMARY KEY (collection, term)
) WITHOUT ROWID;
CREATE TABLE removals (
  collection TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (collection, id)
) WITHOUT ROWID;
CREATE TABLE marks (collection TEXT PRIMARY KEY, seq INTEGER NOT NULL);
{_ADDED_IN_2}"""

# Nothing of a user's stands in these statements. What version 1 stored has no known age: it counts from the migration.
_TO_2 = f"""
ALTER TABLE files RENAME TO files_1;
DROP INDEX files_by_instance;
CREATE TABLE files (
  collection TEXT NOT NULL, key TEXT NOT NULL, kind TEXT, instance TEXT, content TEXT,
  state TEXT NOT NULL, code TEXT, message TEXT, changed TEXT, PRIMARY KEY (collection, key)
) WITHOUT ROWID;
INSERT INTO files
  SELECT collection, key, NULL, instance, content, state, code, message,
    strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now')
  FROM files_1;
DROP TABLE files_1;
CREATE INDEX files_by_instance ON files (collection, instance);
CREATE INDEX files_by_state ON files (collection, state, key);
ALTER TABLE documents ADD COLUMN stored TEXT;
UPDATE documents SET stored = strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now');
ALTER TABLE cases ADD COLUMN patient TEXT;
ALTER TABLE cases ADD COLUMN stored TEXT;
UPDATE cases SET patient = json_extract(record, '$.patient'),
  stored = strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now');
{_ADDED_IN_2}
INSERT OR IGNORE INTO case_images
  SELECT cases.collection, cases.id, json_extract(image.value, '$.digest'),
    coalesce(json_extract(image.value, '$.frame'), 0)
  FROM cases, json_each(cases.record, '$.images') AS image;
DELETE FROM terms WHERE df <= 0;
"""

STEPS = (_TO_2,)
