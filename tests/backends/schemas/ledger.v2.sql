BEGIN TRANSACTION;
CREATE TABLE case_images (
  collection TEXT NOT NULL, case_id TEXT NOT NULL, digest TEXT NOT NULL, frame INTEGER NOT NULL,
  PRIMARY KEY (collection, case_id, digest, frame)
) WITHOUT ROWID;
INSERT INTO "case_images" VALUES('default','S-b5e9f453e7a6ec2c','67ae0e7207c3ac30bab32bd5c34ea03fe9c0495f39cd884fab8ad4fb205e2472',0);
CREATE TABLE cases (
  collection TEXT NOT NULL, id TEXT NOT NULL, digest TEXT NOT NULL, record TEXT NOT NULL,
  patient TEXT, stored TEXT, PRIMARY KEY (collection, id)
);
INSERT INTO "cases" VALUES('default','S-b5e9f453e7a6ec2c','135ce614447aa8e3fad1ebcf7e0e29ebdae8e86699c243b4c67e004ddaea8cff','{"kind":"case","case_id":"S-b5e9f453e7a6ec2c","patient":"P-47d821139f5fdccf","images":[{"digest":"67ae0e7207c3ac30bab32bd5c34ea03fe9c0495f39cd884fab8ad4fb205e2472","uri":"radcite-image:67ae0e7207c3ac30bab32bd5c34ea03fe9c0495f39cd884fab8ad4fb205e2472/0","frame":0,"modality":"CT","spacing_mm":null,"laterality":null,"view":null,"box":null}],"report":"Left pneumothorax.","findings":[],"diagnosis":null,"labels":[],"modality":"CT","body_part":"CHEST","view":null,"language":"en","licence":null,"source":null,"series":[{"series":"S-3167f1ceafe271d1","kind":"CT Image","modality":"CT","objects":["I-a4e8cd8a6e5cd315","I-03db2b904693b423","I-2de082f4cda79a17"],"places_mm":[10.0,11.0,12.0],"spacing_mm":null,"slice_spacing_mm":1.0,"key":"67ae0e7207c3ac30bab32bd5c34ea03fe9c0495f39cd884fab8ad4fb205e2472","refers_to":[],"orientation":""},{"series":"S-e2f9301caedb57f1","kind":"Basic Text SR","modality":"SR","objects":["I-7590847efc10b294"],"places_mm":[],"spacing_mm":null,"slice_spacing_mm":null,"key":null,"refers_to":[],"orientation":""}]}','P-47d821139f5fdccf','2026-11-27T21:41:24+00:00');
CREATE TABLE collections (name TEXT PRIMARY KEY, record TEXT NOT NULL);
INSERT INTO "collections" VALUES('default','{"name":"default","sparse":"bm25/1/k1=0.9/b=0.4","text":"hashing/64","text_dim":64,"image":"flat/4","image_dim":17,"layout":1}');
CREATE TABLE documents (
  collection TEXT NOT NULL, id TEXT NOT NULL, digest TEXT NOT NULL, meta TEXT NOT NULL,
  text TEXT NOT NULL, layout BLOB, stored TEXT, PRIMARY KEY (collection, id)
);
CREATE TABLE files (
  collection TEXT NOT NULL, key TEXT NOT NULL, kind TEXT, instance TEXT, content TEXT,
  state TEXT NOT NULL, code TEXT, message TEXT, changed TEXT, PRIMARY KEY (collection, key)
) WITHOUT ROWID;
INSERT INTO "files" VALUES('default','122d181e8df97b03f37efa5b23e0781343b5ae5396cc797eae719116654dda21','dicom','I-a4e8cd8a6e5cd315','715911120178713c6ecfc000f61ceb14144169576f0b65543e28958ebfa99f76','indexed',NULL,NULL,'2026-11-27T21:41:24+00:00');
INSERT INTO "files" VALUES('default','18b881635d1dc5dd7dabca088f4cc09a62e0c7f853dada3993b81faee1cd5326','dicom','I-7590847efc10b294','33bc8b3f8bf4e5c462b2128904bb6b898936641d2dab56e5aeb8fd70e602afef','indexed',NULL,NULL,'2026-11-27T21:41:24+00:00');
INSERT INTO "files" VALUES('default','4470001b2688fdb21bf256feda65641cb09a5c155b54bc1d210a9a2efa079ef5','dicom','I-2de082f4cda79a17','2a075913643cf2af4fc313804d191b649f874d1f8091c1e7f372ffde1718bdab','indexed',NULL,NULL,'2026-11-27T21:41:24+00:00');
INSERT INTO "files" VALUES('default','b8847a373fbec3a3feec588af12c961d60b6d09fc14d2bd13877c2b2b20e37a0','dicom','I-03db2b904693b423','3a75f457786341e1fcbb62e6985006d3b5206ec4a1aa4a47b1416bfa8580b0eb','indexed',NULL,NULL,'2026-11-27T21:41:24+00:00');
CREATE TABLE links (
  collection TEXT NOT NULL, key TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
  PRIMARY KEY (collection, key, kind, id)
) WITHOUT ROWID;
INSERT INTO "links" VALUES('default','122d181e8df97b03f37efa5b23e0781343b5ae5396cc797eae719116654dda21','case','S-b5e9f453e7a6ec2c');
INSERT INTO "links" VALUES('default','18b881635d1dc5dd7dabca088f4cc09a62e0c7f853dada3993b81faee1cd5326','case','S-b5e9f453e7a6ec2c');
INSERT INTO "links" VALUES('default','4470001b2688fdb21bf256feda65641cb09a5c155b54bc1d210a9a2efa079ef5','case','S-b5e9f453e7a6ec2c');
INSERT INTO "links" VALUES('default','b8847a373fbec3a3feec588af12c961d60b6d09fc14d2bd13877c2b2b20e37a0','case','S-b5e9f453e7a6ec2c');
INSERT INTO "links" VALUES('default','18b881635d1dc5dd7dabca088f4cc09a62e0c7f853dada3993b81faee1cd5326','image','0332ff8bd37f93b2fd32ab0a4db577437db687f78b4bd6ef1362c86446bdf965');
INSERT INTO "links" VALUES('default','4470001b2688fdb21bf256feda65641cb09a5c155b54bc1d210a9a2efa079ef5','image','424a98c546ba6fea2fbb0402d2e864f50da02eda814efb81e28ca0b83ef95209');
INSERT INTO "links" VALUES('default','b8847a373fbec3a3feec588af12c961d60b6d09fc14d2bd13877c2b2b20e37a0','image','67ae0e7207c3ac30bab32bd5c34ea03fe9c0495f39cd884fab8ad4fb205e2472');
INSERT INTO "links" VALUES('default','122d181e8df97b03f37efa5b23e0781343b5ae5396cc797eae719116654dda21','image','bb6b49eeb0fc7f602e32fd2d78650bbb5899a00b2cdf775a533795d087d88f3c');
CREATE TABLE marks (collection TEXT PRIMARY KEY, seq INTEGER NOT NULL);
INSERT INTO "marks" VALUES('default',2);
CREATE TABLE points (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, collection TEXT NOT NULL, id TEXT NOT NULL,
  owner TEXT NOT NULL, kind TEXT NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL,
  payload TEXT NOT NULL, text BLOB, image BLOB, terms BLOB, weights BLOB, UNIQUE (collection, id)
);
INSERT INTO "points" VALUES(1,'default','5fdc33b4-5080-5959-b1ad-a98ccacf96ea','S-b5e9f453e7a6ec2c','case',0,0,'{"language": "en", "patient": "P-47d821139f5fdccf", "modality": "CT", "body_part": "CHEST"}',X'000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000003F0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000003F000000000000003F0000000000000000000000000000000000000000000000000000003F00000000',NULL,X'BE9F615868E7677AB5B12EC9B7B344FB',X'92509A3F92509A3F92509A3F92509A3F');
INSERT INTO "points" VALUES(2,'default','3e08f318-4443-5023-8ebd-0d5e1196fe24','S-b5e9f453e7a6ec2c','image',0,0,'{"language": "en", "patient": "P-47d821139f5fdccf", "modality": "CT", "body_part": "CHEST", "image": "67ae0e7207c3ac30bab32bd5c34ea03fe9c0495f39cd884fab8ad4fb205e2472"}',NULL,X'5360DE3ED95E863E6E383C3E916C373EBF618F3EEE46693E882D743E3E20913E09C75C3E96A5813EB7F6563E7ED31C3E9148813EB215773E70BB383EB74E413E10D34E3E',NULL,NULL);
CREATE TABLE removals (
  collection TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (collection, id)
) WITHOUT ROWID;
CREATE TABLE sources (
  collection TEXT NOT NULL, source TEXT NOT NULL, key TEXT NOT NULL,
  PRIMARY KEY (collection, source, key)
) WITHOUT ROWID;
INSERT INTO "sources" VALUES('default','S-bb5b13be74b9e48c','122d181e8df97b03f37efa5b23e0781343b5ae5396cc797eae719116654dda21');
INSERT INTO "sources" VALUES('default','S-7a38307a772bb45e','18b881635d1dc5dd7dabca088f4cc09a62e0c7f853dada3993b81faee1cd5326');
INSERT INTO "sources" VALUES('default','S-fac9d7dc63b3bc55','4470001b2688fdb21bf256feda65641cb09a5c155b54bc1d210a9a2efa079ef5');
INSERT INTO "sources" VALUES('default','S-1f742be9bcc3e556','b8847a373fbec3a3feec588af12c961d60b6d09fc14d2bd13877c2b2b20e37a0');
CREATE TABLE terms (
  collection TEXT NOT NULL, term INTEGER NOT NULL, df INTEGER NOT NULL,
  PRIMARY KEY (collection, term)
) WITHOUT ROWID;
INSERT INTO "terms" VALUES('default',-1,1);
INSERT INTO "terms" VALUES('default',1482792894,1);
INSERT INTO "terms" VALUES('default',2053629800,1);
INSERT INTO "terms" VALUES('default',3375280565,1);
INSERT INTO "terms" VALUES('default',4215583671,1);
CREATE INDEX files_by_instance ON files (collection, instance);
CREATE INDEX files_by_state ON files (collection, state, key);
CREATE INDEX points_by_owner ON points (collection, owner);
CREATE INDEX points_by_seq ON points (collection, seq);
CREATE INDEX sources_by_key ON sources (collection, key);
CREATE INDEX links_by_target ON links (collection, kind, id);
CREATE INDEX case_images_by_digest ON case_images (digest);
CREATE INDEX documents_by_id ON documents (id);
CREATE INDEX cases_by_patient ON cases (collection, patient);
COMMIT;
PRAGMA user_version=2;
