"""axis: the axis site -- members, their agencies, packets, deliveries and receipts.

A post office: it takes in packets, proves that it did, and holds them until the recipient has them. Owns
transport only; keeps no subject and opens no attachment. Refuses to import any agency room.
"""
