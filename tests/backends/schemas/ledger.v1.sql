BEGIN TRANSACTION;
CREATE TABLE cases (
  collection TEXT NOT NULL, id TEXT NOT NULL, digest TEXT NOT NULL, record TEXT NOT NULL,
  PRIMARY KEY (collection, id)
);
INSERT INTO "cases" VALUES('contract','c','d2','{"kind":"case","case_id":"c","patient":"P-1","images":[{"digest":"eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee","uri":"radcite-image:eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee/0","frame":0,"modality":null,"spacing_mm":null,"laterality":null,"view":null},{"digest":"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff","uri":"radcite-image:ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff/3","frame":3,"modality":null,"spacing_mm":null,"laterality":null,"view":null}],"report":"Fracture.","findings":[],"diagnosis":null,"labels":[],"modality":null,"body_part":null,"view":null,"language":"en","licence":null,"source":null}');
CREATE TABLE collections (name TEXT PRIMARY KEY, record TEXT NOT NULL);
INSERT INTO "collections" VALUES('contract','{"name":"contract","sparse":"bm25/1","text":"t","text_dim":2,"image":null,"image_dim":null}');
CREATE TABLE documents (
  collection TEXT NOT NULL, id TEXT NOT NULL, digest TEXT NOT NULL, meta TEXT NOT NULL,
  text TEXT NOT NULL, layout BLOB, PRIMARY KEY (collection, id)
);
INSERT INTO "documents" VALUES('contract','a','d1','{"document_id":"a","title":"T","language":"en","licence":null,"source_url":null,"doi":null,"pmid":null,"year":2020,"retracted":false,"paged":false}','肺 clear. No effusion.',NULL);
CREATE TABLE files (
  collection TEXT NOT NULL, key TEXT NOT NULL, instance TEXT, content TEXT, state TEXT NOT NULL, code TEXT,
  message TEXT, PRIMARY KEY (collection, key)
) WITHOUT ROWID;
INSERT INTO "files" VALUES('contract','k1',NULL,NULL,'indexed',NULL,NULL);
INSERT INTO "files" VALUES('contract','k2','I-1','x','indexed',NULL,NULL);
INSERT INTO "files" VALUES('contract','k3',NULL,NULL,'quarantined','PDF_DAMAGED','m');
CREATE TABLE marks (collection TEXT PRIMARY KEY, seq INTEGER NOT NULL);
INSERT INTO "marks" VALUES('contract',1);
CREATE TABLE points (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, collection TEXT NOT NULL, id TEXT NOT NULL,
  owner TEXT NOT NULL, kind TEXT NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL,
  payload TEXT NOT NULL, text BLOB, image BLOB, terms BLOB, weights BLOB, UNIQUE (collection, id)
);
INSERT INTO "points" VALUES(1,'contract','00000000-0000-0000-0000-00000000000a','a','passage',0,8,'{"language": "en"}',X'0000803E0000C0BF',NULL,X'0100000007000000',X'0000003F0000003F');
INSERT INTO "points" VALUES(2,'contract','00000000-0000-0000-0000-00000000000c','c','case',0,0,'{"patient": "P-1"}',NULL,NULL,X'09000000',X'0000803F');
INSERT INTO "points" VALUES(3,'contract','00000000-0000-0000-0000-0000000000c0','c','image',0,0,'{"image": "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"}',NULL,X'0000803F0000803F0000803F',NULL,NULL);
INSERT INTO "points" VALUES(4,'contract','00000000-0000-0000-0000-0000000000c1','c','image',3,3,'{"image": "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"}',NULL,X'0000803F0000803F0000803F',NULL,NULL);
CREATE TABLE removals (
  collection TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (collection, id)
) WITHOUT ROWID;
INSERT INTO "removals" VALUES('contract','00000000-0000-0000-0000-00000000000b');
CREATE TABLE terms (
  collection TEXT NOT NULL, term INTEGER NOT NULL, df INTEGER NOT NULL,
  PRIMARY KEY (collection, term)
) WITHOUT ROWID;
INSERT INTO "terms" VALUES('contract',-1,2);
INSERT INTO "terms" VALUES('contract',1,1);
INSERT INTO "terms" VALUES('contract',7,1);
INSERT INTO "terms" VALUES('contract',8,0);
INSERT INTO "terms" VALUES('contract',9,1);
CREATE INDEX files_by_instance ON files (collection, instance);
CREATE INDEX points_by_owner ON points (collection, owner);
CREATE INDEX points_by_seq ON points (collection, seq);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('points',5);
COMMIT;
PRAGMA user_version = 1;
