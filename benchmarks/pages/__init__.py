"""What map_page.py is made of: pages of folium to compare with, and a browser that measures pages."""
