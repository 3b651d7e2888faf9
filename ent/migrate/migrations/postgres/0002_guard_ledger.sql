-- atlas:delimiter \n\n
-- Written by hand. Lines are looked at a statement at a time, since a month of
-- a reseller comes in few statements with many lines each.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER transaction_unchanged BEFORE UPDATE OR DELETE OR TRUNCATE ON "transactions"
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER charge_line_unchanged BEFORE UPDATE OR DELETE OR TRUNCATE ON "charge_lines"
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION check_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  last_number bigint;
  last_balance bigint;
  last_currency text;
BEGIN
  SELECT "number", "balance_after", "currency" INTO last_number, last_balance, last_currency
  FROM "transactions" WHERE "reseller_id" = NEW."reseller_id" ORDER BY "number" DESC LIMIT 1;
  IF NOT FOUND THEN
    SELECT 0, 0, "currency" INTO last_number, last_balance, last_currency
    FROM "companies" WHERE "id" = NEW."reseller_id";
  END IF;
  IF NEW."number" IS DISTINCT FROM last_number + 1
    OR NEW."balance_after" IS DISTINCT FROM last_balance + (CASE NEW."direction" WHEN 'CREDIT' THEN NEW."amount" ELSE -NEW."amount" END)
    OR NEW."currency" IS DISTINCT FROM last_currency THEN
    RAISE EXCEPTION 'a transaction follows from the one before it' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER transaction_follows BEFORE INSERT ON "transactions"
  FOR EACH ROW EXECUTE FUNCTION check_transaction();

CREATE FUNCTION check_charge_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT 1 FROM (SELECT DISTINCT "reseller_id", "month" FROM added) a
    JOIN "transactions" t ON t."reseller_id" = a."reseller_id" AND t."month" = a."month"
  ) THEN
    RAISE EXCEPTION 'the fee of the month is booked already' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER charge_line_in_time AFTER INSERT ON "charge_lines"
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_charge_lines();
