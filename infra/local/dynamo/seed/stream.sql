-- dynoxide 1.2.1 looks the highest sequence number up at every write, without an index, and keeps every record.
CREATE INDEX stream_of_table ON _stream_records (table_name, CAST(sequence_number AS INTEGER));
CREATE INDEX stream_of_shard ON _stream_records (table_name, shard_id, sequence_number);
CREATE INDEX stream_by_age ON _stream_records (created_at);
-- DynamoDB keeps a stream's records for 24 hours. The last one of a table stays: the next number follows from it.
CREATE TRIGGER stream_trim AFTER INSERT ON _stream_records WHEN NEW.id % 1000 = 0 BEGIN
  DELETE FROM _stream_records WHERE created_at < NEW.created_at - 86400
    AND id NOT IN (SELECT MAX(id) FROM _stream_records GROUP BY table_name);
END;
