"""Each change of the agency list gives it a new version, with which the acceptance of a packet is compared."""

from django.db import migrations, models

VERSIONS = """
INSERT INTO axis_agencylistversion (id, version) VALUES (1, gen_random_uuid());

CREATE FUNCTION axis_agency_list_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE axis_agencylistversion SET version = gen_random_uuid();
    RETURN NULL;
END $$;
CREATE TRIGGER axis_agency_changed AFTER INSERT OR UPDATE OR DELETE ON axis_axisagency
    FOR EACH STATEMENT EXECUTE FUNCTION axis_agency_list_changed();
CREATE TRIGGER axis_agencycode_changed AFTER INSERT OR UPDATE OR DELETE ON axis_agencycode
    FOR EACH STATEMENT EXECUTE FUNCTION axis_agency_list_changed();
"""

ACCEPT = """
DROP FUNCTION axis_accept_packet(bigint[], boolean, jsonb, jsonb, jsonb, bytea);
CREATE FUNCTION axis_accept_packet(
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
            WHERE old.sha256 = new.sha256 AND old.sender_id = new.sender_id AND old.kind = new.kind
        ) OR new.document_id <> '' AND EXISTS (
            SELECT FROM axis_packet old
            WHERE old.document_id = new.document_id AND old.sender_id = new.sender_id AND old.kind = new.kind
              AND old.business_type = new.business_type
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
    dependencies = [("axis", "0008_neighbours")]

    operations = [
        migrations.CreateModel(
            name="AgencyListVersion",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("version", models.UUIDField()),
            ],
        ),
        migrations.RunSQL(VERSIONS),
        migrations.RunSQL(ACCEPT),
    ]
