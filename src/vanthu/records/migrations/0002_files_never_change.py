"""The database refuses to change what a file version is; only the mark of the current version moves."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("records", "0001_initial")]
    operations = [
        migrations.RunSQL(
            """
            CREATE FUNCTION records_file_is_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF (NEW.sha256, NEW.size, NEW.document_id, NEW.stage, NEW.version, NEW.kind)
                   IS DISTINCT FROM (OLD.sha256, OLD.size, OLD.document_id, OLD.stage, OLD.version, OLD.kind) THEN
                    RAISE EXCEPTION 'file versions never change';
                END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER records_file_immutable BEFORE UPDATE ON records_documentfile
                FOR EACH ROW EXECUTE FUNCTION records_file_is_immutable();
            """,
            """
            DROP TRIGGER records_file_immutable ON records_documentfile;
            DROP FUNCTION records_file_is_immutable();
            """,
        )
    ]
