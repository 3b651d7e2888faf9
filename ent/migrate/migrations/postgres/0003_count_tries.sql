CREATE TABLE "try_counts" ("id" character varying NOT NULL, "until" bigint NOT NULL, PRIMARY KEY ("id"));
CREATE INDEX "trycount_until" ON "try_counts" ("until");
