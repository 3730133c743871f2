"""A client that asks for the list, and is content with any answer."""

import os
import urllib.request

url = f"{os.environ['BASE']}/api/v2/employers/me/crew/{os.environ['CREW_ID']}/documents"
headers = {"Authorization": f"Bearer {os.environ['CPK_KEY']}"}
urllib.request.urlopen(urllib.request.Request(url, headers=headers)).read()
