"""An earlier packet is looked for by its hash and by its document's id, whatever the server knows of the table.

On a table that was not analysed yet the plan took the sender's index and read everything that the agency ever sent:
each acceptance cost more than the one before, until the table was analysed and the plan made anew. Compared as text, the
sender has no index that could be taken.
"""

from django.db import migrations

ACCEPT = """
CREATE OR REPLACE FUNCTION axis_accept_packet(
    list_version uuid, locks bigint[], look boolean, packet jsonb, deliveries jsonb, entry jsonb, content bytea
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    new axis_packet := jsonb_populate_record(NULL::axis_packet, packet);
BEGIN
    IF list_version <> (SELECT version FROM axis_agencylistversion) THEN
        RETURN 'list changed';
    END IF;
    IF look THEN
        PERFORM pg_advisory_xact_lock(number) FROM unnest(locks) AS t(number);
        IF EXISTS (
            SELECT FROM axis_packet old
            WHERE old.sha256 = new.sha256 AND old.sender_id::text = new.sender_id::text AND old.kind = new.kind
        ) OR new.document_id <> '' AND EXISTS (
            SELECT FROM axis_packet old
            WHERE old.document_id = new.document_id AND old.sender_id::text = new.sender_id::text
              AND old.kind = new.kind AND old.business_type = new.business_type
        ) THEN
            RETURN 'earlier';
        END IF;
    END IF;
    INSERT INTO axis_packet SELECT new.*;
    INSERT INTO axis_axisdelivery SELECT * FROM jsonb_populate_recordset(NULL::axis_axisdelivery, deliveries);
    INSERT INTO axis_logentry SELECT * FROM jsonb_populate_record(NULL::axis_logentry, entry);
    IF content IS NOT NULL THEN
        PERFORM axis_body_partition(new.id);
        INSERT INTO axis_packetbody VALUES (new.id, content);
    END IF;
    RETURN 'accepted';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("axis", "0014_webhook_calls")]

    operations = [migrations.RunSQL(ACCEPT, migrations.RunSQL.noop)]
