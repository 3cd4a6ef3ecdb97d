"""The words the company is told in: names, firms, places, subjects, reasons. All invented.

Not here: the picklists and the process (process.py).
"""

from __future__ import annotations

COUNTRIES = ("MX", "US", "ES", "CO", "AR", "CL")
COUNTRY_SHARE = (0.42, 0.20, 0.14, 0.10, 0.07, 0.07)
COUNTRY_ZONE = (0, 2, 3, 1, 4, 5)  # index into clock.ZONES
CURRENCY = ("MXN", "USD", "EUR", "COP", "USD", "CLP")
PER_EURO = (20.0, 1.1, 1.0, 4300.0, 1.1, 1000.0)
DIAL = ("+52 55 ", "+1 312 ", "+34 91 ", "+57 1 ", "+54 11 ", "+56 2 ")
ENGLISH = 1  # the one country whose people are called in English

FIRST_ES = (
    "María",
    "José",
    "Guadalupe",
    "Juan",
    "Sofía",
    "Luis",
    "Fernanda",
    "Carlos",
    "Valentina",
    "Jorge",
    "Ximena",
    "Miguel",
    "Camila",
    "Alejandro",
    "Lucía",
    "Ricardo",
    "Daniela",
    "Héctor",
    "Paula",
    "Andrés",
    "Mariana",
    "Óscar",
    "Elena",
    "Raúl",
    "Carmen",
    "Íñigo",
    "Rocío",
    "Tomás",
    "Ana",
    "Sebastián",
)
LAST_ES = (
    "Hernández",
    "García",
    "Martínez",
    "López",
    "González",
    "Pérez",
    "Rodríguez",
    "Sánchez",
    "Ramírez",
    "Cruz",
    "Flores",
    "Gómez",
    "Morales",
    "Vázquez",
    "Jiménez",
    "Reyes",
    "Díaz",
    "Torres",
    "Gutiérrez",
    "Ruiz",
    "Mendoza",
    "Aguilar",
    "Ortiz",
    "Castillo",
    "Muñoz",
    "Ibáñez",
    "Núñez",
    "Quiroga",
    "Peña",
    "Zúñiga",
    "Restrepo",
    "Soto",
)
FIRST_EN = (
    "James",
    "Mary",
    "Robert",
    "Linda",
    "Michael",
    "Susan",
    "David",
    "Karen",
    "Daniel",
    "Emily",
    "Brian",
    "Megan",
    "Kevin",
    "Ashley",
    "Steven",
    "Laura",
    "Eric",
    "Rachel",
    "Aisha",
    "Wei",
    "Priya",
    "Marcus",
    "Hannah",
    "Tyler",
)
LAST_EN = (
    "Smith",
    "Johnson",
    "Williams",
    "Brown",
    "Miller",
    "Davis",
    "Wilson",
    "Anderson",
    "Taylor",
    "Moore",
    "Jackson",
    "White",
    "Harris",
    "Clark",
    "Lewis",
    "Walker",
    "Young",
    "King",
    "Wright",
    "Nguyen",
    "Patel",
    "Kim",
    "O'Brien",
    "Carter",
)
FIRM_ROOT = (
    "Aceros del Norte",
    "Logística Bajío",
    "Grupo Altiplano",
    "Plásticos Toluca",
    "Andina",
    "Ibérica",
    "Pacífico",
    "Lakeshore",
    "Redwood",
    "Blue Mesa",
    "Costa Brava",
    "Cordillera",
    "Monarca",
    "Quetzal",
    "Patagonia",
    "Mirador",
    "Northfield",
    "Ironbridge",
    "Sierra Madre",
    "Río Bravo",
    "Delta",
    "Meridian",
    "Aurora",
    "Talavera",
    "Cobre Sur",
    "Granada",
    "Tierra Firme",
    "Maple Street",
    "Canteras",
    "Yucatán",
    "Puerto Nuevo",
    "Alameda",
)
FIRM_TRADE = (
    "Manufactura",
    "Foods",
    "Logistics",
    "Textil",
    "Automotriz",
    "Packaging",
    "Salud",
    "Energy",
    "Retail",
    "Construcción",
    "Software",
    "Agro",
    "Pharma",
    "Metal",
    "Servicios",
    "Seguros",
)
FIRM_FORM = ("S.A. de C.V.", "Inc.", "S.L.", "S.A.S.", "S.R.L.", "SpA")  # by country

INDUSTRIES = ("Manufactura", "Logistics", "Retail", "Banking", "Salud", "Software", "Construcción", "Education")
CHANNELS = ("email", "phone", "whatsapp")
REASONS_LOST = (
    "No budget",
    "Sin presupuesto",
    "Bad timing",
    "Not a fit",
    "Competitor",
    "No answer",
    "Datos incorrectos",
    "Student / vendor",
)
NOISE_PAGES = ("/blog/trazabilidad", "/blog/oee-guide", "/casos-de-exito", "/about", "/recursos/guia", "/careers")
PRICING_PAGES = ("/pricing", "/precios")
FORMS = ("Download: guide", "Descarga: guía", "Newsletter", "Demo request", "Solicitud de demo", "Contacto web")
CALL_SUBJECTS = ("Call", "Llamada", "Follow-up call", "Llamada de seguimiento")
CALL_OUTCOMES = ("No answer", "No contesta", "Left voicemail", "Buzón de voz", "Connected", "Contactado")
MAIL_SUBJECTS = ("Intro", "Presentación", "Following up", "Seguimiento", "Nurture step 1", "Boletín mensual")
MEETING_SUBJECTS = ("Discovery", "Reunión de diagnóstico", "Demo", "Demostración")
MEETING_OUTCOMES = ("Held", "Realizada", "No show")
RESPONSES = ("Responded", "Registered", "Attended", "Downloaded", "Sent")
