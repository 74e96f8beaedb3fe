-- Tables of a shop, in the words of three databases.
CREATE TYPE mood AS ENUM ('sad', 'it''s ok', 'happy');
CREATE DOMAIN email AS varchar(254) CHECK (VALUE ~ '^[^@]+@[^@]+$') NOT NULL;
CREATE TABLE IF NOT EXISTS "shop"."customer" (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  mail email, name text NOT NULL DEFAULT 'no name', feels mood DEFAULT 'happy',
  score numeric(10, 2) CHECK (score >= 0 AND score < 1000.5), tags text[], extra jsonb DEFAULT '{"a": 1}',
  born date, seen timestamptz DEFAULT now(), local timestamp(3) without time zone, gone time, span interval,
  uid uuid UNIQUE, bits bytea, flag boolean DEFAULT true, ratio double precision,
  kind char(3) CHECK (kind IN ('abc', 'def', 'ghi')), CONSTRAINT short CHECK (length(name) BETWEEN 1 AND 80)
);
CREATE TABLE `line` (
  `order` int unsigned NOT NULL, `no` smallint(5) AUTO_INCREMENT, `sku` varchar(20) COLLATE utf8mb4_bin NOT NULL COMMENT 'what it is',
  `state` enum('open','shut') DEFAULT 'open', `flags` set('a','b'), `at` datetime(6) DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  `price` decimal(12,4), `year` year, `tiny` tinyint(1), PRIMARY KEY (`order`, `no`), KEY `by_sku` (`sku`(10)),
  CONSTRAINT `c` FOREIGN KEY (`order`) REFERENCES `customer` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='lines';
CREATE TABLE note (id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL, size INT AS (length(body)) STORED, blob BLOB, num NUMERIC, "odd ""name" REAL) STRICT, WITHOUT ROWID;
ALTER TABLE ONLY "shop"."customer" ADD CONSTRAINT pos CHECK ((score > (0)::numeric)), ADD COLUMN late integer NOT NULL DEFAULT (1 + 2);
COMMENT ON COLUMN shop.customer.name IS 'how they are called';
/* an index, /* nested */ */ CREATE UNIQUE INDEX by_mail ON shop.customer USING btree (lower(mail)) WHERE (flag);
INSERT INTO note VALUES (1, $tag$a ; b$tag$, E'\x41\n');
CREATE VIEW happy AS SELECT * FROM shop.customer WHERE feels = 'happy';
