"""The ledger's tables, and the way to them from those of earlier versions."""

# ruff: noqa: S608 - the statements are made of each other

__all__ = ["SCHEMA", "STEPS", "TABLES"]

TABLES = (
    "files",
    "sources",
    "links",
    "objects",
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

_ADDED_IN_3 = """
CREATE TABLE objects (
  collection TEXT NOT NULL, key TEXT NOT NULL, study TEXT NOT NULL, case_id TEXT NOT NULL,
  record TEXT NOT NULL, PRIMARY KEY (collection, key)
);
CREATE INDEX objects_by_study ON objects (collection, study);
CREATE INDEX objects_by_case ON objects (collection, case_id);
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
{_ADDED_IN_2}{_ADDED_IN_3}"""

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

# Version 2 kept a study's case alone. Of its series come the objects, each at the place along the normal that was kept;
# which of them said what is not known, so the report is a row of its own, and so is each picture of a case that
# version 1 kept without links. The files are read once more by the next ingest, which puts their own rows in place.
_TO_3 = f"""
{_ADDED_IN_3}
INSERT OR IGNORE INTO objects (collection, key, study, case_id, record)
  SELECT f.collection, f.key, c.id, c.id, json_object(
    'study', c.id, 'series', json_extract(s.value, '$.series'), 'instance', f.instance,
    'patient', coalesce(json_extract(c.record, '$.patient'), ''),
    'kind', json_extract(s.value, '$.kind'), 'modality', json_extract(s.value, '$.modality'),
    'body_part', coalesce(json_extract(c.record, '$.body_part'), ''),
    'view', coalesce(json_extract(i.value, '$.view'), ''),
    'laterality', coalesce(json_extract(i.value, '$.laterality'), ''),
    'spacing_mm', json(json_extract(s.value, '$.spacing_mm')),
    'slice_spacing_mm', json_extract(s.value, '$.slice_spacing_mm'),
    'instance_number', o.key + 1,
    'position', CASE WHEN json_type(s.value, '$.places_mm[' || o.key || ']') IS NOT NULL
      THEN json_array(0.0, 0.0, json_extract(s.value, '$.places_mm[' || o.key || ']')) END,
    'orientation', CASE WHEN json_type(s.value, '$.places_mm[' || o.key || ']') IS NOT NULL
      THEN json('[1.0, 0.0, 0.0, 0.0, 1.0, 0.0]') END,
    'frame', coalesce(json_extract(i.value, '$.frame'), 0),
    'image', CASE WHEN i.value IS NOT NULL
        OR (json_extract(s.value, '$.key') IS NOT NULL AND json_array_length(s.value, '$.places_mm') > 0
          AND json_extract(s.value, '$.kind') NOT LIKE '%Enhanced%'
          AND json_extract(s.value, '$.kind') NOT LIKE '%Multi-frame%')
      THEN coalesce(p.id, '') ELSE '' END,
    'refers_to', json(CASE WHEN o.key = 0 THEN coalesce(json_extract(s.value, '$.refers_to'), '[]') ELSE '[]' END),
    'by_migration', json('true'))
  FROM cases AS c, json_each(c.record, '$.series') AS s, json_each(s.value, '$.objects') AS o
    JOIN files AS f ON f.collection = c.collection AND f.instance = o.value
    JOIN links AS l ON l.collection = c.collection AND l.key = f.key AND l.kind = 'case' AND l.id = c.id
    LEFT JOIN links AS p ON p.collection = c.collection AND p.key = f.key AND p.kind = 'image'
    LEFT JOIN json_each(c.record, '$.images') AS i ON json_extract(i.value, '$.digest') = p.id
  ORDER BY c.collection, c.id, s.key, o.key;
INSERT INTO objects (collection, key, study, case_id, record)
  SELECT c.collection, 'picture:' || c.id || ':' || i.key, c.id, c.id, json_object(
    'study', c.id, 'series', '', 'instance', 'picture:' || i.key,
    'patient', coalesce(json_extract(c.record, '$.patient'), ''),
    'modality', coalesce(json_extract(i.value, '$.modality'), ''),
    'body_part', coalesce(json_extract(c.record, '$.body_part'), ''),
    'view', coalesce(json_extract(i.value, '$.view'), ''),
    'laterality', coalesce(json_extract(i.value, '$.laterality'), ''),
    'spacing_mm', json(json_extract(i.value, '$.spacing_mm')),
    'frame', coalesce(json_extract(i.value, '$.frame'), 0), 'image', json_extract(i.value, '$.digest'),
    'by_migration', json('true'), 'whole_case', json('true'))
  FROM cases AS c, json_each(c.record, '$.images') AS i
  WHERE c.id GLOB 'S-????????????????'
    AND NOT EXISTS (SELECT 1 FROM objects AS o WHERE o.collection = c.collection AND o.case_id = c.id);
INSERT INTO objects (collection, key, study, case_id, record)
  SELECT c.collection, 'report:' || c.id, c.id, c.id, json_object(
    'study', c.id, 'series', '', 'instance', 'report',
    'patient', coalesce(json_extract(c.record, '$.patient'), ''), 'text', json_extract(c.record, '$.report'),
    'by_migration', json('true'), 'whole_case', json('true'))
  FROM cases AS c
  WHERE json_extract(c.record, '$.report') <> '' AND (c.id GLOB 'S-????????????????'
    OR EXISTS (SELECT 1 FROM objects AS o WHERE o.collection = c.collection AND o.case_id = c.id));
UPDATE files SET kind = NULL, content = NULL WHERE kind IN ('dicom', 'archive');
"""

STEPS = (_TO_2, _TO_3)
