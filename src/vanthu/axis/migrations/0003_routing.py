import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("axis", "0002_packet_numbers"),
    ]

    operations = [
        migrations.AddField(
            model_name="axisdelivery",
            name="origin",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="axis.member",
            ),
        ),
        migrations.RunSQL(
            "UPDATE axis_axisdelivery SET origin_id = axis_packet.member_id "
            "FROM axis_packet WHERE axis_packet.id = packet_id; SET CONSTRAINTS ALL IMMEDIATE",
            migrations.RunSQL.noop,
        ),
        migrations.AlterField(
            model_name="axisdelivery",
            name="origin",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="axis.member",
            ),
        ),
        migrations.AlterField(
            model_name="axisdelivery",
            name="kind",
            field=models.CharField(choices=[("edoc", "Văn bản"), ("status", "Trạng thái")], max_length=30),
        ),
        migrations.AlterField(
            model_name="packet",
            name="kind",
            field=models.CharField(
                choices=[("edoc", "Văn bản"), ("status", "Trạng thái")],
                max_length=30,
                verbose_name="loại",
            ),
        ),
    ]
