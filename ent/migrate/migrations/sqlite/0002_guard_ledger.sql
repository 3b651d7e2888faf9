-- atlas:delimiter \n\n
-- Written by hand. A later change that rebuilds one of these tables drops its
-- triggers: it has to drop those that name the table before, and to create all
-- of them anew after.
CREATE TRIGGER `transaction_unchanged` BEFORE UPDATE ON `transactions` BEGIN
  SELECT RAISE(ABORT, 'a transaction is never changed');
END;

CREATE TRIGGER `transaction_kept` BEFORE DELETE ON `transactions` BEGIN
  SELECT RAISE(ABORT, 'a transaction is never deleted');
END;

-- REPLACE would delete without firing the trigger above: an id, a month or a
-- key that is there already is refused here.
CREATE TRIGGER `transaction_follows` BEFORE INSERT ON `transactions` BEGIN
  SELECT RAISE(ABORT, 'a transaction follows from the one before it')
  FROM (SELECT 1) LEFT JOIN (
    SELECT `number`, `balance_after`, `currency` FROM `transactions`
    WHERE `reseller_id` = NEW.`reseller_id` ORDER BY `number` DESC LIMIT 1
  ) AS `last`
  WHERE NEW.`number` <> coalesce(`last`.`number`, 0) + 1
    OR NEW.`balance_after` <> coalesce(`last`.`balance_after`, 0) + CASE NEW.`direction` WHEN 'CREDIT' THEN NEW.`amount` ELSE -NEW.`amount` END
    OR NEW.`currency` IS NOT coalesce(`last`.`currency`, (SELECT `currency` FROM `companies` WHERE `id` = NEW.`reseller_id`));
  SELECT RAISE(ABORT, 'a transaction is never replaced')
  WHERE EXISTS (SELECT 1 FROM `transactions` WHERE `id` = NEW.`id`)
    OR EXISTS (SELECT 1 FROM `transactions` WHERE `reseller_id` = NEW.`reseller_id` AND `month` = NEW.`month`)
    OR EXISTS (SELECT 1 FROM `transactions` WHERE `actor_id` = NEW.`actor_id` AND `type` = NEW.`type` AND `idempotency_key` = NEW.`idempotency_key`);
END;

CREATE TRIGGER `charge_line_unchanged` BEFORE UPDATE ON `charge_lines` BEGIN
  SELECT RAISE(ABORT, 'a charge line is never changed');
END;

CREATE TRIGGER `charge_line_kept` BEFORE DELETE ON `charge_lines` BEGIN
  SELECT RAISE(ABORT, 'a charge line is never deleted');
END;

CREATE TRIGGER `charge_line_in_time` BEFORE INSERT ON `charge_lines`
WHEN EXISTS (SELECT 1 FROM `transactions` WHERE `reseller_id` = NEW.`reseller_id` AND `month` = NEW.`month`) BEGIN
  SELECT RAISE(ABORT, 'the fee of the month is booked already');
END;

-- Lines that another run has prepared already are as the new ones are, and pass
-- by; REPLACE would put others in their place.
CREATE TRIGGER `charge_line_not_replaced` BEFORE INSERT ON `charge_lines`
WHEN EXISTS (SELECT 1 FROM `charge_lines` WHERE `id` = NEW.`id`)
  OR EXISTS (SELECT 1 FROM `charge_lines` WHERE `reseller_id` = NEW.`reseller_id` AND `month` = NEW.`month`
    AND `serial_number` = NEW.`serial_number` AND `package_id` = NEW.`package_id`
    AND (`service_id` <> NEW.`service_id` OR `amount` <> NEW.`amount`)) BEGIN
  SELECT RAISE(ABORT, 'a charge line is never replaced');
END;
