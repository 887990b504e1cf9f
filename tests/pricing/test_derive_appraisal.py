"""The tool that derives the tables, on a few rows written here."""

import gzip
from pathlib import Path

from floorbook.pricing import dataset
from tools.derive_appraisal import derive, packed

WALLETS = [f"0x{number:040x}" for number in range(4)]
RAW = {
    "punks_attributes.csv.gz": """punk_id,type,gender,skin_tone,attributes
1,Alien,Male,,Pipe
0,Human,Female,Dark,Earring|Mohawk
""",
    "punks_sales.csv.gz": f"""ts,ts_quality,punk_id,price_eth,from_addr,to_addr,block
2020-01-01T05:59:59Z,exact,1,7.5,{WALLETS[2]},{WALLETS[1]},9
2020-01-01T02:30:00Z,exact,0,0.1234567891,{WALLETS[1]},{WALLETS[0]},8
2020-01-01T05:00:00Z,exact,0,2,{WALLETS[3]},{WALLETS[2]},9
""",
    "punks_events.csv.gz": """ts,punk_id,seq,event,kind,price_eth,ts_quality
2020-01-01T00:00:00Z,1,1,offer,private_offer,7.5,day
2020-01-01T05:59:59Z,1,2,sale,sale_other,7.50,exact
""",
    "punks_book_hourly.csv.gz": """ts,floor_ask,floor_clean,top_bid,ask_10
2020-01-01T00:00:00Z,1.0,1.0,0.9,1.2
2020-01-01T01:00:00Z,1.0,1.0,0.9,1.2
2020-01-01T02:00:00Z,0.5,1.5,1.4,2.0
""",
}


def test_a_small_folder(tmp_path: Path) -> None:
    for name, text in RAW.items():
        (tmp_path / name).write_bytes(gzip.compress(text.encode()))
    tables = derive(tmp_path)
    first = 438_288  # hours from 1970 to 2020
    assert tables["punks_traits.csv.gz"].decode().splitlines()[1:] == [
        "0,Human,Female,Dark,Earring|Mohawk",
        "1,Alien,Male,,Pipe",
    ]
    # In order of time; wallets by appearance; an accepted bid names no buyer; kinds go by the price.
    assert tables["punks_sales.csv.gz"].decode().splitlines()[1:] == [
        f"{first + 2},0,0.123456789,1,0,bid",
        f"{first + 5},0,2,2,3,",
        f"{first + 5},1,7.5,3,1,private",
    ]
    assert tables["punks_book.csv.gz"].decode().splitlines()[1:] == [
        f"{first},1.0,0.9,1.2",
        f"{first + 2},1.5,1.4,2.0",
    ]
    for name, content in tables.items():
        (tmp_path / name).write_bytes(packed(content))
    assert len(dataset.load(tmp_path).sales.hour) == 3
    assert packed(b"x") == packed(b"x")
