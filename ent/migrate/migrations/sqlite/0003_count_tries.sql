CREATE TABLE `try_counts` (`id` text NOT NULL, `until` integer NOT NULL, PRIMARY KEY (`id`));
CREATE INDEX `trycount_until` ON `try_counts` (`until`);
