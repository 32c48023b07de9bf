from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('signing', '0004_custody'),
    ]

    operations = [
        migrations.RenameField(
            model_name='printedblock',
            old_name='sha256',
            new_name='key',
        ),
    ]
